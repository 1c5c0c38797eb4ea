internal import Kernel
internal import Signatures

/// A policy as a shard keeps it: texts as octets, in storage that no other shard refers to.
struct TokenPolicyTable {
    private let issuer: [UInt8]
    private let audiences: [[UInt8]]
    private let mediaTypes: [[UInt8]]
    private let tokenTypes: [[UInt8]]
    private let requiredClaims: [ClaimPath]
    private let skew: Int64
    let algorithms: SignatureAlgorithms

    init(_ policy: TokenPolicy) {
        issuer = Array(policy.issuer.utf8)
        audiences = policy.audiences.map { Array($0.utf8) }
        mediaTypes = policy.mediaTypes.map { Array($0.lowercased().utf8) }
        tokenTypes = policy.tokenTypes.map { Array($0.lowercased().utf8) }
        requiredClaims = policy.requiredClaims.map { $0.copied() }
        skew = policy.clockSkewSeconds
        algorithms = policy.algorithms
    }

    /// The algorithm that a header names, if everything in the header is acceptable. `jwk`, `jku`, `x5u` and `x5c` are not read:
    /// the token does not choose its key (RFC 8725 §3.10).
    func algorithm(of header: borrowing JSONValue) throws(TokenFailure) -> SignatureAlgorithm {
        guard header.member("crit") == nil else { throw .criticalHeader }
        if let type = header.member("typ"), !isMediaType(type) { throw .otherMediaType }
        guard let named = header.member("alg") else { throw .malformed }
        guard let algorithm = SignatureAlgorithm(named: named), algorithms.contains(algorithm) else {
            throw .algorithmNotAllowed
        }
        return algorithm
    }

    /// The second at which the token expires, if its claims are acceptable at this time.
    func check(_ claims: borrowing JSONValue, nowSeconds now: Int64) throws(TokenFailure) -> Int64 {
        guard let named = claims.member("iss"), named.isText(issuer.span) else { throw .wrongIssuer }
        if let type = claims.member("typ"), !Self.isOne(of: tokenTypes, type.plainText) { throw .otherTokenType }
        let expires = try Self.seconds(claims.member("exp"))
        // Old releases of Keycloak write 0 where nothing is set.
        guard let expires, expires != 0 else { throw .missingClaim }
        // Seconds are at most 2^53 and the allowance is small: no sum overflows.
        guard now < expires + skew else { throw .expired }
        if let start = try Self.seconds(claims.member("nbf")), start > now + skew { throw .notYetValid }
        if let issued = try Self.seconds(claims.member("iat")), issued > now + skew { throw .issuedInFuture }
        if !audiences.isEmpty, !isForUs(claims.member("aud")) { throw .wrongAudience }
        for path in requiredClaims {
            guard let value = claims.value(at: path), value.kind != .null else { throw .missingClaim }
        }
        return expires
    }

    /// A text or an array of them, one of which is an audience of ours (RFC 7519 §4.1.3).
    private func isForUs(_ claim: borrowing JSONValue?) -> Bool {
        guard let claim = copy claim else { return false }
        for audience in audiences where claim.isText(audience.span) { return true }
        var elements = claim.elements
        while let element = elements.next() {
            for audience in audiences where element.isText(audience.span) { return true }
        }
        return false
    }

    private func isMediaType(_ type: borrowing JSONValue) -> Bool {
        guard let text = type.plainText else { return false }
        let prefix: StaticString = "application/"
        let count = prefix.utf8CodeUnitCount
        // The prefix may be left out (RFC 7515 §4.1.9).
        if text.count > count, ByteSearch.equalIgnoringCase(text.extracting(0..<count), prefix) {
            return Self.isOne(of: mediaTypes, text.extracting(count..<text.count))
        }
        return Self.isOne(of: mediaTypes, text)
    }

    private static func isOne(of lowercase: [[UInt8]], _ text: borrowing Span<UInt8>?) -> Bool {
        guard let text = copy text else { return false }
        return lowercase.contains { ByteSearch.equalIgnoringCase(text, $0.span) }
    }

    /// A time as claims write it (RFC 7519 §2), whole seconds; nil when there is none. Fractions are cut off downwards.
    private static func seconds(_ claim: borrowing JSONValue?) throws(TokenFailure) -> Int64? {
        guard let claim = copy claim else { return nil }
        guard let value = claim.double, abs(value) <= 9_007_199_254_740_992 else { throw .malformed }
        return Int64(value.rounded(.down))
    }
}

extension SignatureAlgorithm {
    /// The algorithm that a header or a key names; nil for others, `none` among them.
    init?(named value: borrowing JSONValue) {
        // By number: an array of all cases would be made anew for each token.
        var number: Int32 = 0
        while let algorithm = SignatureAlgorithm(rawValue: number) {
            if value.isText(algorithm.name) {
                self = algorithm
                return
            }
            number += 1
        }
        return nil
    }
}
