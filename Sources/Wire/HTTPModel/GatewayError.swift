/// Where in the life of a request something went wrong (ARCHITECTURE §7).
public enum Stage: UInt8, Sendable, CaseIterable {
    case accept, tls, readHead, match, filter, connect, send, receiveHead, body

    /// The word in metrics, logs and problem documents.
    public var word: StaticString {
        switch self {
        case .accept: "accept"
        case .tls: "tls"
        case .readHead: "read-head"
        case .match: "match"
        case .filter: "filter"
        case .connect: "connect"
        case .send: "send"
        case .receiveHead: "receive-head"
        case .body: "body"
        }
    }
}

/// Whose doing it was.
public enum Side: UInt8, Sendable, CaseIterable {
    case downstream, upstream, gateway

    /// The word in metrics, logs and problem documents.
    public var word: StaticString {
        switch self {
        case .downstream: "downstream"
        case .upstream: "upstream"
        case .gateway: "gateway"
        }
    }
}

/// Everything that can end an exchange other than well. The one table from error to status, word, stage and side.
public enum GatewayError: UInt8, Sendable, CaseIterable {
    // Refused while reading the request head.
    case badRequest, targetTooLong, headTooLarge, notImplemented, versionNotSupported, expectationFailed, requestTimeout
    // Refused when it was known what is wanted.
    case badProxyHeader, misdirectedRequest, routeNotFound, methodNotAllowed, bodyTooLarge, overloaded, draining
    // Refused by a filter.
    case addressRefused, originRefused, tokenMissing, tokenInvalid, accessDenied, keyInvalid, faultInjected,
        keysUnavailable,
        rateLimited
    case concurrencyLimited
    // The upstream could not be asked.
    case noEndpoint, poolExhausted, queueTimeout, circuitOpen, upstreamSaturated, connectFailed, connectTimeout,
        upstreamTLSFailed
    // The upstream did not answer, or not well.
    case upstreamClosed, badResponse, responseTimeout, requestDeadline
    // Broken off while bodies flowed.
    case badRequestBody, requestBodyTimeout, requestBodyTooLarge, upstreamBodyBroken, upstreamBodyTimeout
    case downstreamClosed, downstreamTooSlow, tunnelIdle

    /// Status, word, stage, side and title in one row.
    struct Row {
        var status: Int
        var word: StaticString
        var stage: Stage
        var side: Side
        var title: StaticString
    }

    var row: Row {
        switch self {
        case .badRequest: Row(400, "bad-request", .readHead, .downstream, "Bad Request")
        case .targetTooLong: Row(414, "target-too-long", .readHead, .downstream, "URI Too Long")
        case .headTooLarge: Row(431, "head-too-large", .readHead, .downstream, "Request Header Fields Too Large")
        case .notImplemented: Row(501, "not-implemented", .readHead, .downstream, "Not Implemented")
        case .versionNotSupported:
            Row(505, "version-not-supported", .readHead, .downstream, "HTTP Version Not Supported")
        case .expectationFailed: Row(417, "expectation-failed", .readHead, .downstream, "Expectation Failed")
        case .requestTimeout: Row(408, "request-timeout", .readHead, .downstream, "Request Timeout")
        case .badProxyHeader: Row(400, "bad-proxy-header", .accept, .downstream, "Bad Request")
        case .misdirectedRequest: Row(421, "misdirected-request", .match, .downstream, "Misdirected Request")
        case .routeNotFound: Row(404, "route-not-found", .match, .downstream, "Not Found")
        case .methodNotAllowed: Row(405, "method-not-allowed", .match, .downstream, "Method Not Allowed")
        case .bodyTooLarge: Row(413, "body-too-large", .filter, .downstream, "Content Too Large")
        case .addressRefused: Row(403, "address-refused", .filter, .downstream, "Forbidden")
        case .originRefused: Row(403, "origin-refused", .filter, .downstream, "Forbidden")
        case .tokenMissing: Row(401, "token-missing", .filter, .downstream, "Unauthorized")
        case .tokenInvalid: Row(401, "token-invalid", .filter, .downstream, "Unauthorized")
        case .accessDenied: Row(403, "access-denied", .filter, .downstream, "Forbidden")
        case .keyInvalid: Row(401, "key-invalid", .filter, .downstream, "Unauthorized")
        case .faultInjected: Row(503, "fault-injected", .filter, .gateway, "Fault")
        case .keysUnavailable: Row(503, "keys-unavailable", .filter, .gateway, "Service Unavailable")
        case .rateLimited: Row(429, "rate-limited", .filter, .downstream, "Too Many Requests")
        case .concurrencyLimited:
            Row(503, "concurrency-limited", .filter, .downstream, "Service Unavailable")
        case .upstreamSaturated: Row(503, "upstream-saturated", .connect, .gateway, "Service Unavailable")
        case .overloaded: Row(503, "overloaded", .accept, .gateway, "Service Unavailable")
        case .draining: Row(503, "draining", .accept, .gateway, "Service Unavailable")
        case .noEndpoint: Row(503, "no-endpoint", .connect, .gateway, "Service Unavailable")
        case .poolExhausted: Row(503, "pool-exhausted", .connect, .gateway, "Service Unavailable")
        case .queueTimeout: Row(503, "queue-timeout", .connect, .gateway, "Service Unavailable")
        case .circuitOpen: Row(503, "circuit-open", .connect, .gateway, "Service Unavailable")
        case .connectFailed: Row(502, "connect-failed", .connect, .upstream, "Bad Gateway")
        case .connectTimeout: Row(504, "connect-timeout", .connect, .upstream, "Gateway Timeout")
        case .upstreamTLSFailed: Row(502, "upstream-tls-failed", .tls, .upstream, "Bad Gateway")
        case .upstreamClosed: Row(502, "upstream-closed", .receiveHead, .upstream, "Bad Gateway")
        case .badResponse: Row(502, "bad-response", .receiveHead, .upstream, "Bad Gateway")
        case .responseTimeout: Row(504, "response-timeout", .receiveHead, .upstream, "Gateway Timeout")
        case .requestDeadline: Row(504, "request-deadline", .receiveHead, .gateway, "Gateway Timeout")
        case .badRequestBody: Row(400, "bad-request-body", .body, .downstream, "Bad Request")
        case .requestBodyTimeout: Row(408, "request-timeout", .body, .downstream, "Request Timeout")
        case .requestBodyTooLarge: Row(413, "body-too-large", .body, .downstream, "Content Too Large")
        case .upstreamBodyBroken: Row(502, "upstream-body-broken", .body, .upstream, "Bad Gateway")
        case .upstreamBodyTimeout: Row(504, "upstream-body-timeout", .body, .upstream, "Gateway Timeout")
        case .downstreamClosed: Row(499, "downstream-closed", .body, .downstream, "Client Closed Request")
        case .tunnelIdle: Row(408, "tunnel-idle", .body, .gateway, "Request Timeout")
        case .downstreamTooSlow: Row(408, "downstream-too-slow", .body, .downstream, "Request Timeout")
        }
    }

    /// The status a client gets when the head of the answer has not gone out; 499 is for the log only.
    public var status: Int { row.status }
    /// The word in metrics, logs and problem documents.
    public var word: StaticString { row.word }
    /// Where it happened.
    public var stage: Stage { row.stage }
    /// Whose doing it was.
    public var side: Side { row.side }
    /// The reason phrase (RFC 9110 §15).
    public var title: StaticString { row.title }

    /// After this error the bytes that follow on the downstream connection cannot be told from a request: it must close.
    public var breaksFraming: Bool {
        switch self {
        case .badRequest, .targetTooLong, .headTooLarge, .notImplemented, .versionNotSupported, .expectationFailed,
            .requestTimeout, .badRequestBody, .requestBodyTimeout, .requestBodyTooLarge, .bodyTooLarge, .overloaded,
            .draining, .badProxyHeader, .misdirectedRequest, .downstreamClosed, .downstreamTooSlow, .tunnelIdle,
            .upstreamBodyBroken,
            .upstreamBodyTimeout:
            true
        default: false
        }
    }
}

extension GatewayError.Row {
    init(_ status: Int, _ word: StaticString, _ stage: Stage, _ side: Side, _ title: StaticString) {
        self.init(status: status, word: word, stage: stage, side: side, title: title)
    }
}
