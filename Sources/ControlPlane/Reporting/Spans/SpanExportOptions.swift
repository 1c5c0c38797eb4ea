public import Fetch

/// Where spans go, and the bounds of their export.
public struct SpanExportOptions: Sendable {
    /// The address that takes spans, such as `http://zipkin:9411/api/v2/spans`.
    public var url: String
    /// Further fields of each request, such as a token.
    public var fields: [FetchField] = []
    public var tls = FetchTLS()
    public var proxy = FetchProxy.none

    /// Most spans of a batch, at least 1.
    public var spansMax = 1_000
    /// Most octets of a batch before compression; one chunk fits in any case.
    public var bytesMax = 524_288
    /// Longest time a span waits for its batch to fill.
    public var intervalMilliseconds = 1_000
    /// Off only for collectors that cannot unpack.
    public var compresses = true

    /// Most batches that wait or are on their way; the oldest go first. More than `transfersMax`.
    public var batchesMax = 32
    /// Most octets of those, as they are sent.
    public var queuedBytesMax = 8_388_608
    /// Transfers at a time, at least 1; after a failure it is one until one succeeds.
    public var transfersMax = 2

    public var connectMilliseconds = 2_000
    /// For one transfer; also how long a collector that hangs holds up a batch.
    public var wholeMilliseconds = 5_000
    /// The wait after the first failure, at least 1; it doubles with each further one.
    public var backOffFirstMilliseconds = 500
    public var backOffMaxMilliseconds = 30_000

    /// A collector by the address of its API (`…/spans`) or by what stands before `/api/v2/spans`.
    public init(collector: String) {
        if collector.hasSuffix("/spans") || collector.contains("?") {
            url = collector
        } else {
            url = collector + (collector.hasSuffix("/") ? "api/v2/spans" : "/api/v2/spans")
        }
    }

    /// The address for people: without user, password and query.
    var shownURL: String {
        var text = url.prefix { $0 != "?" && $0 != "#" }
        let authority = text.firstRange(of: "://").map { $0.upperBound } ?? text.startIndex
        let end = text[authority...].firstIndex(of: "/") ?? text.endIndex
        if let at = text[authority..<end].lastIndex(of: "@") { text.removeSubrange(authority...at) }
        return String(text)
    }
}
