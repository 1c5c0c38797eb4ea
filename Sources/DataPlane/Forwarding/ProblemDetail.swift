public import HTTPModel

extension GatewayError {
    /// One sentence for the client: what was expected, and what to do.
    public var detail: StaticString {
        switch self {
        case .badRequest: "The request head is not valid HTTP/1.1 (RFC 9112); the connection is closed."
        case .targetTooLong: "The request target is longer than this gateway accepts."
        case .headTooLarge: "The request head is larger, or has more fields, than this gateway accepts."
        case .notImplemented: "The method or transfer coding is not supported here."
        case .versionNotSupported: "Only HTTP/1.0 and HTTP/1.1 are spoken here."
        case .expectationFailed: "The only expectation known is 100-continue."
        case .requestTimeout: "The request head did not arrive in time."
        case .badProxyHeader: "The connection does not begin with a PROXY protocol header."
        case .misdirectedRequest:
            "The request is for another scheme or host than this connection serves; open another one."
        case .routeNotFound: "No route matches this request; 'martlet explain' tells why."
        case .methodNotAllowed: "A route matches the target, but not with this method; see Allow."
        case .bodyTooLarge, .requestBodyTooLarge: "The request body is larger than this route accepts."
        case .addressRefused: "Clients of this address may not use this route."
        case .originRefused: "Pages of this origin may not use this route."
        case .tokenMissing: "This route wants a token; see WWW-Authenticate."
        case .tokenInvalid: "The token is not accepted; see WWW-Authenticate."
        case .accessDenied: "The token does not allow this; see WWW-Authenticate."
        case .keyInvalid: "This route wants a key that it knows."
        case .faultInjected: "A fault on purpose: the route has a filter `fault`."
        case .keysUnavailable: "The keys that tokens are checked with are not known yet; try again."
        case .rateLimited: "Too many requests; see Retry-After and RateLimit."
        case .concurrencyLimited: "Too many requests are in progress; try again when one of them has ended."
        case .upstreamSaturated: "The upstream has as much to do as it can answer in good time; try again."
        case .overloaded: "The gateway has reached a limit of its resources; try again."
        case .draining: "The gateway is shutting down; try again."
        case .noEndpoint: "The upstream has no endpoint that is available."
        case .poolExhausted: "All connections to the upstream are in use; try again."
        case .queueTimeout: "No connection to the upstream became free in time; try again."
        case .circuitOpen: "The upstream has failed too often and is given a rest; see Retry-After."
        case .connectFailed: "The upstream refused the connection or could not be reached."
        case .connectTimeout: "The upstream did not accept the connection in time."
        case .upstreamTLSFailed: "No TLS session with the upstream came about."
        case .upstreamClosed: "The upstream closed the connection before it answered."
        case .badResponse: "The upstream's answer is not valid HTTP/1.1."
        case .responseTimeout: "The upstream did not answer in time."
        case .requestDeadline: "The exchange took longer than the upstream is given."
        case .badRequestBody: "The request body is not framed as announced; the connection is closed."
        case .requestBodyTimeout: "The request body did not arrive in time."
        case .upstreamBodyBroken: "The upstream broke off its answer."
        case .upstreamBodyTimeout: "The upstream stopped in the middle of its answer."
        case .downstreamClosed: "The client closed the connection."
        case .downstreamTooSlow: "The client was too slow."
        case .tunnelIdle: "Nothing has passed for too long."
        }
    }
}
