public import Declarations
internal import Kernel
public import Limits

/// A limit of what is in progress at once, compiled for one shard.
public final class ConcurrencyGate {
    private let limit: KeyedConcurrencyLimit
    private let key: LimitKeyBuilder
    private let tallies: LimitTallies

    /// `nil` when the register has no such limit.
    public init?(
        _ declaration: ConcurrencyLimitDeclaration, register: LimitRegister, claims: [String], route: String
    ) {
        guard let limit = register.concurrency(declaration.name), let tallies = register.tallies(declaration.name)
        else {
            return nil
        }
        self.limit = limit
        self.tallies = tallies
        key = LimitKeyBuilder(declaration.key, seed: register.seed, claims: claims, route: route)
    }

    /// Asks for a place. What is returned must be given back by `release`; `nil`: there is none.
    public func acquire(head: Span<UInt8>, value: (LimitComponent) -> LimitValue) -> LimitKey? {
        let key = key.key(head: head, value: value) { _ in }
        guard limit.acquire(key) == .acquired else {
            tallies.count(.refused)
            return nil
        }
        tallies.count(.allowed)
        return key
    }

    /// The exchange is over.
    public func release(_ key: LimitKey) { limit.release(key) }
}
