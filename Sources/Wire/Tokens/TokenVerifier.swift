internal import Kernel
public import Signatures

/// Checks the tokens of one issuer. Each shard has its own; the time is an argument.
public final class TokenVerifier {
    private let policy: TokenPolicyTable
    private var keys: KeyTable

    /// From values that all shards got alike; what is kept is this verifier's own.
    public init(policy: TokenPolicy, keys: [KeyMaterial]) {
        self.policy = TokenPolicyTable(policy)
        self.keys = KeyTable(keys)
    }

    /// The issuer has published other keys: tokens of those that are gone fail from now on.
    public func replaceKeys(_ keys: [KeyMaterial]) {
        self.keys = KeyTable(keys)
    }

    /// Checks a token. When it is valid, `opened.claims` are its claims.
    public func verify(_ token: Span<UInt8>, nowSeconds: Int64, into opened: inout OpenedToken) -> TokenVerdict {
        do throws(TokenFailure) {
            return .valid(expiresAtSeconds: try check(token, nowSeconds, &opened))
        } catch {
            return .refused(error)
        }
    }

    private func check(
        _ token: Span<UInt8>, _ nowSeconds: Int64, _ opened: inout OpenedToken
    ) throws(TokenFailure) -> Int64 {
        opened.clear()
        // 1. The parts.
        guard token.count <= TokenLimits.tokenBytesMax else { throw .tooLarge }
        guard let parts = CompactToken(token) else { throw .malformed }
        // 2. The header: which algorithm, if it may be.
        try opened.openHeader(token.extracting(parts.header))
        let algorithm = try policy.algorithm(of: opened.header)
        // 3. The key and the signature. Claims are not even decoded before it is good.
        try opened.openSignature(token.extracting(parts.signature))
        try keys.verify(
            opened.signature, over: token.extracting(parts.signingInput), algorithm: algorithm,
            identifier: opened.header.member("kid"))
        // 4. The claims.
        try opened.openClaims(token.extracting(parts.claims))
        let expires = try policy.check(opened.uncheckedClaims, nowSeconds: nowSeconds)
        opened.believe()
        return expires
    }
}
