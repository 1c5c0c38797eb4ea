/// A request method. The standard ones have a case each; any other token is `extension` and is told by its bytes.
public enum Method: UInt8, Sendable, CaseIterable {
    case get, head, post, put, delete, connect, options, trace, patch, `extension`

    /// Recognises a method token; methods are case-sensitive (RFC 9110 §9.1).
    public init(_ token: Span<UInt8>) {
        for candidate in Self.allCases where candidate != .extension && candidate.equals(token) {
            self = candidate
            return
        }
        self = .extension
    }

    /// The token, or an empty text for `extension`.
    public var token: StaticString {
        switch self {
        case .get: "GET"
        case .head: "HEAD"
        case .post: "POST"
        case .put: "PUT"
        case .delete: "DELETE"
        case .connect: "CONNECT"
        case .options: "OPTIONS"
        case .trace: "TRACE"
        case .patch: "PATCH"
        case .extension: ""
        }
    }

    /// Sending it twice has the effect of sending it once (RFC 9110 §9.2.2).
    public var isIdempotent: Bool {
        switch self {
        case .get, .head, .put, .delete, .options, .trace: true
        case .post, .connect, .patch, .extension: false
        }
    }

    private func equals(_ bytes: Span<UInt8>) -> Bool {
        let text = token
        guard bytes.count == text.utf8CodeUnitCount else { return false }
        return ByteText.equal(bytes, text)
    }
}
