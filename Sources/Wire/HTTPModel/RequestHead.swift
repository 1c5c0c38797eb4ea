/// The form of a request target (RFC 9112 §3.2).
public enum TargetForm: UInt8, Sendable {
    /// `/path?query`
    case origin
    /// `http://authority/path?query`; `https` is told apart because a plain listener must not answer for it.
    case absoluteHTTP, absoluteHTTPS
    /// A URI of another scheme.
    case absoluteOther
    /// `*`, for OPTIONS.
    case asterisk
    /// `host:port`, for CONNECT.
    case authority
}

/// A parsed request head: offsets into the bytes it came in, and what they mean for this hop.
///
/// One instance per shard is reused for every request; it is valid until the next parse.
public struct RequestHead: ~Copyable, Sendable {
    /// The method.
    public var method = Method.get
    /// Where the method's token lies.
    public var methodToken = ByteRange()
    /// The request target as received.
    public var target = ByteRange()
    /// How the target is written.
    public var form = TargetForm.origin
    /// The target's path as received, not normalised; empty for `*`, and for an absolute form without a path.
    public var path = ByteRange()
    /// The query without `?`; only with `hasQuery`.
    public var query = ByteRange()
    /// True when there is a `?`, be the query empty or not.
    public var hasQuery = false
    /// Host and port: of the absolute form when there is one, else of the `Host` field (RFC 9112 §3.2.2).
    public var authority = ByteRange()
    /// The host alone, IPv6 literals with their brackets.
    public var host = ByteRange()
    /// The version.
    public var version = HTTPVersion.http11
    /// The field lines.
    public var fields: FieldTable
    /// How the body ends.
    public var framing = BodyFraming.none
    /// The client lets the connection live on.
    public var keepsAlive = true
    /// The client waits for `100 (Continue)`.
    public var expectsContinue = false
    /// The client takes trailers (`TE: trailers`).
    public var acceptsTrailers = false
    /// The one protocol that the client asks to change to (RFC 9110 §7.8); empty when it asks for none, for several, or in a way
    /// that cannot be granted: with a body, by HTTP/1.0, or without naming the field in `Connection`.
    public var upgrade = ByteRange()
    /// Names the `Connection` field lists, other than `close` and `keep-alive`.
    public var connectionTokens: [ByteRange]
    /// Field lines that were dropped because their name holds an underscore (RFC 9110 allows it; CGI-style names collide).
    public var droppedFields = 0

    /// Most names a `Connection` field may list; more are refused.
    public static let connectionTokensMax = 16

    /// Reserves room for `limit` field lines.
    public init(fieldLimit limit: Int) {
        fields = FieldTable(limit: limit)
        connectionTokens = []
        connectionTokens.reserveCapacity(Self.connectionTokensMax)
    }

    /// Back to the state before a parse; storage is kept.
    public mutating func reset() {
        method = .get
        methodToken = ByteRange()
        target = ByteRange()
        form = .origin
        path = ByteRange()
        query = ByteRange()
        hasQuery = false
        authority = ByteRange()
        host = ByteRange()
        version = .http11
        fields.removeAll()
        framing = .none
        keepsAlive = true
        expectsContinue = false
        acceptsTrailers = false
        upgrade = ByteRange()
        connectionTokens.removeAll(keepingCapacity: true)
        droppedFields = 0
    }
}

/// A parsed response head: offsets into the bytes it came in.
public struct ResponseHead: ~Copyable, Sendable {
    /// 100...599.
    public var status = 0
    /// The reason phrase; may be empty.
    public var reason = ByteRange()
    /// The version.
    public var version = HTTPVersion.http11
    /// The field lines.
    public var fields: FieldTable
    /// How the body ends, the request's method considered.
    public var framing = BodyFraming.none
    /// The origin lets the connection live on.
    public var keepsAlive = true
    /// The one protocol that an answer of 101 changes to (RFC 9110 §15.2.2); empty in any other answer.
    public var upgrade = ByteRange()
    /// Names the `Connection` field lists, other than `close` and `keep-alive`.
    public var connectionTokens: [ByteRange]

    /// Reserves room for `limit` field lines.
    public init(fieldLimit limit: Int) {
        fields = FieldTable(limit: limit)
        connectionTokens = []
        connectionTokens.reserveCapacity(RequestHead.connectionTokensMax)
    }

    /// Back to the state before a parse; storage is kept.
    public mutating func reset() {
        status = 0
        reason = ByteRange()
        version = .http11
        fields.removeAll()
        framing = .none
        keepsAlive = true
        upgrade = ByteRange()
        connectionTokens.removeAll(keepingCapacity: true)
    }

    /// An interim answer, to be followed by another (RFC 9110 §15.2).
    public var isInterim: Bool { status < 200 }
}
