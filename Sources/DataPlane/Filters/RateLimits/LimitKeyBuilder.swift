internal import Declarations
public import HTTPModel
public import Kernel
internal import Limits

/// What a component of a key is taken from.
public enum LimitComponent {
    case clientAddress
    case header([UInt8], KnownField)
    case cookie([UInt8])
    /// The number of the claim among those that the route's token filter keeps; -1 for none.
    case claim(Int)
}

/// What a request has for a component.
public enum LimitValue {
    case address(SocketAddress)
    /// Of the request's head.
    case range(ByteRange)
    case text([UInt8])
    /// The request lacks it.
    case missing
}

/// Makes the keys of one limit.
struct LimitKeyBuilder {
    private let components: [LimitComponent]
    /// The beginning of each key.
    private let start: LimitKeyHasher

    /// - Parameters:
    ///   - claims: the claims that the route's token filter keeps, in order.
    ///   - route: the route's id.
    init(_ key: [LimitKeyDeclaration], seed: LimitSeed, claims: [String], route: String) {
        var start = LimitKeyHasher(seed)
        if key.contains(.route) { start.append(Array(route.utf8).span) }
        self.start = start
        components = key.compactMap { component in
            switch component {
            case .clientAddress: .clientAddress
            case .header(let name): .header(Array(name.utf8), KnownField(Array(name.utf8).span))
            case .cookie(let name): .cookie(Array(name.utf8))
            case .claim(let path): .claim(claims.firstIndex(of: path) ?? -1)
            case .route, .everybody: nil
            }
        }
    }

    /// The key of a request; `text` is called with each text in it.
    func key(
        head: Span<UInt8>, value: (LimitComponent) -> LimitValue, text note: (Span<UInt8>) -> Void
    ) -> LimitKey {
        var hasher = start
        for component in components {
            switch value(component) {
            case .address(let address): hasher.append(client: address)
            case .range(let range):
                let text = head.extracting(range.indices)
                hasher.append(text)
                note(text)
            case .text(let text):
                hasher.append(text.span)
                note(text.span)
            case .missing:
                // Whoever leaves the component out is counted alone, not with all others who do.
                hasher.appendMissing()
                if case .address(let address) = value(.clientAddress) { hasher.append(client: address) }
            }
        }
        return hasher.finish()
    }
}
