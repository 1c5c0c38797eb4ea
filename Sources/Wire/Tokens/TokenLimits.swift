/// Bounds on one token.
public enum TokenLimits {
    /// Characters of a token. Keycloak's are 1 to 3 KiB; with hundreds of roles they reach 8.
    public static let tokenBytesMax = 16_384
    /// Octets of the decoded header: room for the certificates that some issuers put there, which nobody reads.
    public static let headerBytesMax = 8_192
    /// Octets of the decoded claims: what fits into a token.
    public static let claimsBytesMax = tokenBytesMax / 4 * 3
    /// Octets of a key's identifier; Keycloak's have 43.
    public static let keyIdentifierBytesMax = 256
    /// Keys that are tried for one token, each of which costs a check of its signature.
    public static let keysTriedMax = 4

    static let header = JSONLimits(bytesMax: headerBytesMax, depthMax: 4, nodesMax: 128, membersMax: 32)
    static let claims = JSONLimits(bytesMax: claimsBytesMax, depthMax: 16, nodesMax: 2_048, membersMax: 256)
}
