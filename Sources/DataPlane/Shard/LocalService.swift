/// A service built into the gateway that a route can lead to instead of an upstream (law 11).
///
/// It answers on the thread of the shard that asks, so only a shard of its own (the admin shard) may be given slow services.
public protocol LocalService: Sendable {
    /// Answers one request without a body.
    func answer(_ request: LocalRequest) -> LocalAnswer
}

/// What a local service is asked.
public struct LocalRequest: Sendable {
    /// The method's token.
    public var method: String
    /// The normalised path.
    public var path: String
    /// The query without `?`.
    public var query: String
}

/// What a local service answers.
public struct LocalAnswer: Sendable {
    /// 200...599.
    public var status: Int
    /// The media type of the body.
    public var contentType: String
    /// The body.
    public var body: [UInt8]

    /// All parts.
    public init(status: Int = 200, contentType: String = "text/plain; charset=utf-8", body: [UInt8]) {
        self.status = status
        self.contentType = contentType
        self.body = body
    }
}
