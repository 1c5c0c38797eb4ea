public import Declarations
internal import Kernel

/// What the admin pages tell of the gateway: written by the supervisor, read by the pages.
public final class AdminState: Sendable {
    /// How far the gateway is.
    public enum Readiness: Sendable, Equatable {
        case starting
        case ready
        case draining
    }

    private struct Figures: Sendable {
        var readiness = Readiness.starting
        var refusal: String?
        var routes: [RouteDeclaration] = []
    }

    private let figures = Guarded(Figures())

    /// Starting, without routes.
    public init() {}

    /// How far the gateway is, and what was wrong with the last reload if it was refused.
    var readiness: (Readiness, refusal: String?) {
        figures.withLock { ($0.readiness, $0.refusal) }
    }

    /// The routes in force, in the order of rank.
    var routes: [RouteDeclaration] { figures.withLock { $0.routes } }

    /// From now on `/readyz` says this.
    public func become(_ readiness: Readiness) {
        figures.withLock { $0.readiness = readiness }
    }

    /// These routes, in the order of rank, are in force; a refused reload before is forgiven.
    public func configurationApplied(routes: [RouteDeclaration]) {
        figures.withLock { figures in
            figures.routes = routes
            figures.refusal = nil
        }
    }

    /// A reload was refused, for this reason.
    public func reloadRefused(_ reason: String) {
        figures.withLock { $0.refusal = reason }
    }
}
