internal import Kernel

/// The header fields that the gateway itself reads, writes or removes. Everything else is `other`.
public enum KnownField: UInt8, Sendable, CaseIterable {
    case other
    /// Named by a `Connection` field, hence for the next hop only (RFC 9110 §7.6.1).
    case hopByHop
    // Framing and connection management.
    case connection, contentLength, transferEncoding, host, expect, upgrade, te, trailer, keepAlive, proxyConnection
    // Forwarding.
    case forwarded, forwardedFor, forwardedProto, forwardedHost, forwardedPort, requestID, via
    // Fields that `Connection` may never strip, and that trailers may never carry.
    case authorization, cookie, setCookie, proxyAuthenticate, proxyAuthorization, authenticationInfo
    case contentEncoding, contentType, contentRange, cacheControl, maxForwards, date, server, location, retryAfter
    /// Where the page comes from whose script asks (the Fetch standard).
    case origin
    // What the gateway says of a client's certificate; from a stranger they are lies.
    case clientCertificateVerified, clientCertificateSubject, clientCertificateFingerprint, clientCertificateSerial
    case clientCertificateNames

    /// The name in lower case; empty for `other`.
    public var name: StaticString {
        switch self {
        case .other, .hopByHop: ""
        case .connection: "connection"
        case .contentLength: "content-length"
        case .transferEncoding: "transfer-encoding"
        case .host: "host"
        case .expect: "expect"
        case .upgrade: "upgrade"
        case .te: "te"
        case .trailer: "trailer"
        case .keepAlive: "keep-alive"
        case .proxyConnection: "proxy-connection"
        case .forwarded: "forwarded"
        case .forwardedFor: "x-forwarded-for"
        case .forwardedProto: "x-forwarded-proto"
        case .forwardedHost: "x-forwarded-host"
        case .forwardedPort: "x-forwarded-port"
        case .requestID: "x-request-id"
        case .via: "via"
        case .authorization: "authorization"
        case .cookie: "cookie"
        case .setCookie: "set-cookie"
        case .proxyAuthenticate: "proxy-authenticate"
        case .proxyAuthorization: "proxy-authorization"
        case .authenticationInfo: "authentication-info"
        case .contentEncoding: "content-encoding"
        case .contentType: "content-type"
        case .contentRange: "content-range"
        case .cacheControl: "cache-control"
        case .maxForwards: "max-forwards"
        case .date: "date"
        case .server: "server"
        case .location: "location"
        case .retryAfter: "retry-after"
        case .origin: "origin"
        case .clientCertificateVerified: "x-client-cert-verified"
        case .clientCertificateSubject: "x-client-cert-subject"
        case .clientCertificateFingerprint: "x-client-cert-fingerprint"
        case .clientCertificateSerial: "x-client-cert-serial"
        case .clientCertificateNames: "x-client-cert-names"
        }
    }

    /// Recognises a field name of any case.
    ///
    /// Length and first letter leave at most two candidates, so a name costs one or two comparisons.
    public init(_ name: Span<UInt8>) {
        guard let first = name.isEmpty ? nil : name[0] | 0x20 else {
            self = .other
            return
        }
        let candidates: (KnownField, KnownField) =
            switch (name.count, first) {
            case (2, 0x74): (.te, .other)
            case (3, 0x76): (.via, .other)
            case (4, 0x68): (.host, .other)
            case (4, 0x64): (.date, .other)
            case (6, 0x65): (.expect, .other)
            case (6, 0x63): (.cookie, .other)
            case (6, 0x73): (.server, .other)
            case (6, 0x6F): (.origin, .other)
            case (7, 0x75): (.upgrade, .other)
            case (7, 0x74): (.trailer, .other)
            case (8, 0x6C): (.location, .other)
            case (9, 0x66): (.forwarded, .other)
            case (10, 0x63): (.connection, .other)
            case (10, 0x6B): (.keepAlive, .other)
            case (10, 0x73): (.setCookie, .other)
            case (11, 0x72): (.retryAfter, .other)
            case (12, 0x63): (.contentType, .other)
            case (12, 0x78): (.requestID, .other)
            case (12, 0x6D): (.maxForwards, .other)
            case (13, 0x61): (.authorization, .other)
            case (13, 0x63): (.contentRange, .cacheControl)
            case (14, 0x63): (.contentLength, .other)
            case (15, 0x78): (.forwardedFor, .other)
            case (16, 0x63): (.contentEncoding, .other)
            case (16, 0x70): (.proxyConnection, .other)
            case (16, 0x78): (.forwardedHost, .forwardedPort)
            case (17, 0x74): (.transferEncoding, .other)
            case (17, 0x78): (.forwardedProto, .other)
            case (18, 0x70): (.proxyAuthenticate, .other)
            case (19, 0x78): (.clientCertificateNames, .other)
            case (20, 0x78): (.clientCertificateSerial, .other)
            case (21, 0x78): (.clientCertificateSubject, .other)
            case (22, 0x78): (.clientCertificateVerified, .other)
            case (25, 0x78): (.clientCertificateFingerprint, .other)
            case (19, 0x70): (.proxyAuthorization, .other)
            case (19, 0x61): (.authenticationInfo, .other)
            default: (.other, .other)
            }
        if candidates.0 != .other, ByteSearch.equalIgnoringCase(name, candidates.0.name) {
            self = candidates.0
        } else if candidates.1 != .other, ByteSearch.equalIgnoringCase(name, candidates.1.name) {
            self = candidates.1
        } else {
            self = .other
        }
    }
}
