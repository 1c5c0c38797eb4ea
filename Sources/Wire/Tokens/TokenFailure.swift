/// Why a token is not accepted. Nothing here repeats what the token says, except the identifier of an unknown key, which is for
/// whoever looks for that key, never for an answer or a log.
public enum TokenFailure: Error, Sendable, Hashable {
    /// More characters than `TokenLimits.tokenBytesMax`.
    case tooLarge
    /// Not three parts in base64url, or a header or claims that are no strict JSON object.
    case malformed
    /// The header has `crit`, which demands what nobody here understands (RFC 7515 §4.1.11).
    case criticalHeader
    /// The header's `typ` is that of something else than an access token (RFC 8725 §3.11).
    case otherMediaType
    /// Unsigned, signed in an unknown way, or in one that the policy or the key does not allow.
    case algorithmNotAllowed
    /// No key has this identifier: it may be new.
    case unknownKey(identifier: String)
    /// The token does not say which key it was signed with, and several could be meant, or none.
    case keyNotNamed
    case badSignature
    case wrongIssuer
    case wrongAudience
    /// The `typ` claim is that of another token, such as an ID token or a refresh token.
    case otherTokenType
    case expired
    case notYetValid
    case issuedInFuture
    /// `exp`, or a claim that the policy requires, is missing.
    case missingClaim

    /// The error of RFC 6750 §3.1, which goes with status 401.
    public var errorWord: StaticString { "invalid_token" }

    /// A sentence for the client, without quotation marks: it is ready for `error_description`.
    public var summary: StaticString {
        switch self {
        case .tooLarge: "The token is too large"
        case .malformed: "The token is malformed"
        case .criticalHeader: "The token has critical header parameters that are not understood"
        case .otherMediaType, .otherTokenType: "The token is not an access token"
        case .algorithmNotAllowed: "The token is signed with an algorithm that is not allowed"
        case .unknownKey, .keyNotNamed: "The key of the token is not known"
        case .badSignature: "The signature of the token is not valid"
        case .wrongIssuer: "The token is from another issuer"
        case .wrongAudience: "The token is for another audience"
        case .expired: "The token has expired"
        case .notYetValid: "The token is not valid yet"
        case .issuedInFuture: "The token was issued in the future"
        case .missingClaim: "The token lacks a required claim"
        }
    }

    /// A word for metrics and logs.
    public var label: StaticString {
        switch self {
        case .tooLarge: "too_large"
        case .malformed: "malformed"
        case .criticalHeader: "critical_header"
        case .otherMediaType: "other_media_type"
        case .algorithmNotAllowed: "algorithm_not_allowed"
        case .unknownKey: "unknown_key"
        case .keyNotNamed: "key_not_named"
        case .badSignature: "bad_signature"
        case .wrongIssuer: "wrong_issuer"
        case .wrongAudience: "wrong_audience"
        case .otherTokenType: "other_token_type"
        case .expired: "expired"
        case .notYetValid: "not_yet_valid"
        case .issuedInFuture: "issued_in_future"
        case .missingClaim: "missing_claim"
        }
    }
}

/// What came of checking a token.
public enum TokenVerdict: Sendable, Hashable {
    /// Good until this second (its `exp`, without the allowance for skewed clocks).
    case valid(expiresAtSeconds: Int64)
    case refused(TokenFailure)
}
