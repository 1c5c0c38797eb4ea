internal import Kernel

/// Where the three parts of a token lie (RFC 7515 §7.1): `header.claims.signature`, each in base64url.
public struct CompactToken: Sendable, Equatable {
    public let header: Range<Int>
    public let claims: Range<Int>
    public let signature: Range<Int>

    /// What the signature is over: the header, the claims and the dot between them.
    public var signingInput: Range<Int> { header.lowerBound..<claims.upperBound }

    /// Finds the parts; nil unless there are exactly three, none of them empty. An unsigned token has an empty one, an encrypted
    /// token has five.
    public init?(_ token: Span<UInt8>) {
        let dot = UInt8(ascii: ".")
        let first = ByteSearch.firstIndex(of: dot, in: token, from: 0)
        guard first > 0, first < token.count else { return nil }
        let second = ByteSearch.firstIndex(of: dot, in: token, from: first + 1)
        guard second > first + 1, second + 1 < token.count,
            ByteSearch.firstIndex(of: dot, in: token, from: second + 1) == token.count
        else { return nil }
        header = 0..<first
        claims = first + 1..<second
        signature = second + 1..<token.count
    }
}
