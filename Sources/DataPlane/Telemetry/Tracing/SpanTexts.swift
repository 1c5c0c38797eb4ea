public import Kernel

/// What the spans of a listener say of the gateway. Made once per table.
public struct SpanServiceText: Sendable {
    let endpoint: [UInt8]

    /// An address of zeros ("any") is left out.
    public init(service: String, address: SocketAddress?) {
        endpoint = SpanText.endpoint(service: service, address: address)
    }
}

/// What the spans of a route say of it. Made once per table.
public struct SpanRouteText: Sendable {
    /// The pattern as the inside of a JSON string.
    let pattern: [UInt8]
    let tags: [UInt8]

    /// The pattern stands for the path: what clients wrote would be as many names as there are orders, and may be
    /// private.
    public init(pattern: String, route: String) {
        let path = SpanText.escaped(pattern)
        self.pattern = path
        tags =
            Array(#","http.path":""#.utf8) + path + Array(#"","http.route":""#.utf8) + path
            + Array(#"","martlet.route":""#.utf8) + SpanText.escaped(route) + [0x22]
    }

    /// For requests that no route took.
    public static let none = SpanRouteText()

    private init() {
        pattern = []
        tags = []
    }
}

/// What the spans of attempts at an endpoint say of it. Made once per table.
public struct SpanUpstreamText: Sendable {
    let endpoint: [UInt8]
    let tags: [UInt8]

    /// A service of the gateway itself has no address.
    public init(upstream: String, address: SocketAddress?) {
        endpoint = SpanText.endpoint(service: upstream, address: address)
        let name = Array(#","upstream.name":""#.utf8) + SpanText.escaped(upstream) + [0x22]
        guard let address else {
            tags = name
            return
        }
        tags = name + Array(#","upstream.address":""#.utf8) + SpanText.escaped(address.text) + [0x22]
    }
}

/// Makes texts of spans, off the request path.
enum SpanText {
    /// Most bytes of a name as written.
    static let nameBytesMax = AccessLogFormat.nameBytesMax

    /// A name as the inside of a JSON string, cut at the limit.
    static func escaped(_ name: String) -> [UInt8] {
        Array(AccessLogFormat.quoted(name).dropFirst().dropLast())
    }

    /// A Zipkin endpoint as a JSON object. Collectors read names in lower case.
    static func endpoint(service: String, address: SocketAddress?) -> [UInt8] {
        var text = Array(#"{"serviceName":""#.utf8) + escaped(service.lowercased()) + [0x22]
        if let address {
            let isAny = address.isIPv4 ? address.low & 0xFFFF_FFFF == 0 : address.high | address.low == 0
            if !isAny {
                text += Array((address.isIPv4 ? #","ipv4":""# : #","ipv6":""#).utf8) + Array(address.hostText.utf8)
                text.append(0x22)
            }
            if address.port != 0 { text += Array(#","port":\#(address.port)"#.utf8) }
        }
        text.append(0x7D)
        return text
    }
}
