/// How a transfer ended.
public struct FetchOutcome: Sendable, Equatable {
    /// As given at its start.
    public let tag: UInt64
    /// The response, or why there is none.
    public let result: Result<FetchResponse, FetchError>
    public let times: FetchTimes

    /// All parts.
    public init(tag: UInt64, result: Result<FetchResponse, FetchError>, times: FetchTimes) {
        self.tag = tag
        self.result = result
        self.times = times
    }
}

/// A whole response.
public struct FetchResponse: Sendable, Equatable {
    /// 200...999; interim responses are skipped.
    public let status: Int
    /// Those of the head, and trailers behind them.
    public let fields: [FetchField]
    public let body: [UInt8]
    /// The body went on beyond its limit.
    public let isBodyCut: Bool

    /// All parts.
    public init(status: Int, fields: [FetchField], body: [UInt8], isBodyCut: Bool = false) {
        self.status = status
        self.fields = fields
        self.body = body
        self.isBodyCut = isBodyCut
    }
}

/// When what was reached, in microseconds from the start of the transfer; 0 for what was not.
public struct FetchTimes: Sendable, Equatable {
    /// The name was resolved.
    public var resolvedMicroseconds = 0
    /// The TCP handshake was over; 0 also when the TLS handshake after it failed.
    public var connectedMicroseconds = 0
    /// The TLS handshake was over; 0 without TLS.
    public var securedMicroseconds = 0
    /// The first byte of the response came.
    public var firstByteMicroseconds = 0
    /// The end.
    public var wholeMicroseconds = 0

    /// Nothing was reached.
    public init() {}
}

/// Why there is no response.
public struct FetchError: Error, Sendable, Equatable, CustomStringConvertible {
    /// Kinds that callers tell apart.
    public enum Kind: Sendable, Equatable, CaseIterable {
        /// The request cannot be sent as it is.
        case invalidRequest
        /// The name leads to no address.
        case nameNotResolved
        /// No TCP connection came about.
        case notConnected
        /// The time was up.
        case timedOut
        /// The other side's certificate is not believed.
        case notTrusted
        /// The TLS handshake failed in another way, or our own certificate could not be read.
        case tlsFailed
        /// The response is larger than allowed.
        case tooLarge
        /// The connection broke off, or what came is not HTTP.
        case brokenOff
        /// This process lacks descriptors or memory; nothing is known of the other side.
        case outOfResources
    }

    public let kind: Kind
    /// For people: one line without a full stop.
    public let text: String

    /// Both parts.
    public init(_ kind: Kind, _ text: String) {
        self.kind = kind
        self.text = text
    }

    /// The text.
    public var description: String { text }
}
