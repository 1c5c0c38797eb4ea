internal import Declarations
internal import Filters
internal import HTTPModel
internal import Patterns
internal import Routing
internal import Telemetry
internal import Upstreams

/// A route, compiled: what happens to a request that takes it. The predicates are in the `RouteTable`.
///
/// An exchange holds its plan, so a reload may drop the table while streams of it live on.
final class RoutePlan {
    /// What happens.
    enum Action {
        /// To the upstream of this index in the table.
        case forward(Int)
        case split([Int], SplitDraw)
        case redirect(PathTemplate, status: Int, keepsQuery: Bool)
        case respond(FixedAnswer)
        /// To the local service of this index in the table.
        case local(Int)
    }

    /// An answer that is the same for every request.
    struct FixedAnswer {
        var status: Int
        var body: [UInt8]
        /// Field lines with their CRLFs.
        var lines: [UInt8]
    }

    let index: Int
    let id: String
    let quotedID: [UInt8]
    /// The id as it may stand between quotation marks in a field.
    let realm: [UInt8]
    let action: Action
    /// Its filters.
    let chain: FilterChain
    /// Names of what its paths capture.
    let captures: CaptureNames
    /// Protocols that a request may change to, in lower case.
    let upgrades: [[UInt8]]

    /// Compiles a route. `upstreams` tells the index of an upstream's name.
    init(
        _ declaration: RouteDeclaration, index: Int, upstreams: [String: Int], limits: LimitsDeclaration,
        tokens: TokenDesk,
        register: LimitRegister
    ) throws(ShardTableError) {
        self.index = index
        id = declaration.id
        quotedID = AccessLogFormat.quoted(declaration.id)
        realm = Self.realm(declaration.id)
        let captures = CaptureNames(declaration.match)
        self.captures = captures
        chain = try FilterChain(declaration, captures: captures, limits: limits, tokens: tokens, register: register)
        upgrades = declaration.upgrades.map { Array($0.utf8) }
        action = try Self.action(declaration, captures, upstreams)
    }

    /// A route to a local service.
    init(_ declaration: RouteDeclaration, index: Int, service: Int) {
        self.index = index
        id = declaration.id
        quotedID = AccessLogFormat.quoted(declaration.id)
        realm = Self.realm(declaration.id)
        captures = CaptureNames(MatchDeclaration())
        chain = FilterChain(requestBodyBytesMax: 65_536)
        upgrades = []
        action = .local(service)
    }

    private static func realm(_ id: String) -> [UInt8] {
        id.utf8.filter { $0 >= 0x20 && $0 < 0x7F && $0 != 0x22 && $0 != 0x5C }.prefix(256).map { $0 }
    }

    private static func action(
        _ declaration: RouteDeclaration, _ captures: CaptureNames, _ upstreams: [String: Int]
    ) throws(ShardTableError) -> Action {
        func index(_ id: String) throws(ShardTableError) -> Int {
            guard let index = upstreams[id] else {
                throw ShardTableError(message: "route '\(declaration.id)': there is no upstream '\(id)'")
            }
            return index
        }
        switch declaration.action {
        case .forward(let upstream):
            return .forward(try index(upstream))
        case .split(let targets):
            var indices: [Int] = []
            for target in targets { indices.append(try index(target.upstream)) }
            return .split(indices, SplitDraw(weights: targets.map(\.weight)))
        case .redirect(let redirect):
            do {
                let template = try PathTemplate(redirect.location, use: .location, captures: captures)
                return .redirect(template, status: redirect.status, keepsQuery: redirect.keepQuery)
            } catch {
                throw ShardTableError(message: "route '\(declaration.id)': redirect: \(error)")
            }
        case .respond(let respond):
            return .respond(fixed(respond))
        }
    }

    private static func fixed(_ respond: RespondDeclaration) -> FixedAnswer {
        var lines = ""
        let hasType = respond.headers.contains { $0.name.lowercased() == "content-type" }
        if !respond.body.isEmpty, !hasType { lines += "Content-Type: \(respond.contentType)\r\n" }
        for header in respond.headers { lines += "\(header.name): \(header.value)\r\n" }
        return FixedAnswer(status: respond.status, body: Array(respond.body.utf8), lines: Array(lines.utf8))
    }
}
