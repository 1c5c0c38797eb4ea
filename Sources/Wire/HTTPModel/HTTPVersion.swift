/// The two versions of HTTP/1. Others are refused where they are read.
public enum HTTPVersion: UInt8, Sendable {
    case http10, http11

    /// As in a start line.
    public var text: StaticString {
        switch self {
        case .http10: "HTTP/1.0"
        case .http11: "HTTP/1.1"
        }
    }
}

/// How the end of a message body is found (RFC 9112 §6.3).
public enum BodyFraming: Sendable, Equatable {
    /// No body.
    case none
    /// This many octets.
    case length(Int)
    /// The chunked transfer coding.
    case chunked
    /// All until the connection closes; responses only.
    case untilClose
}

/// The bounds of a head; see `limits` in routes.yaml.
public struct HeadLimits: Sendable, Equatable {
    /// Octets of the whole head.
    public var headBytes: Int
    /// Octets of the request target.
    public var targetBytes: Int
    /// Field lines.
    public var fields: Int

    /// All parts.
    public init(headBytes: Int, targetBytes: Int, fields: Int) {
        self.headBytes = headBytes
        self.targetBytes = targetBytes
        self.fields = fields
    }
}
