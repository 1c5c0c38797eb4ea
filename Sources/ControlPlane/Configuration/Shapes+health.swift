internal import Declarations

extension Shapes {
    static let health = MappingShape<HealthDeclaration>(
        name: "health", summary: "How the health of an upstream's endpoints is watched.",
        keys: [
            .key(
                "panic", \.panicPercent, .percent(0...100, off: true), default: HealthDeclaration().panicPercent,
                "When fewer than this share of the endpoints is available, all get requests again."),
            .switched(
                "active", \.active, activeHealth, initial: ActiveHealthDeclaration(path: ""),
                needed: NeededKey(
                    name: "path", expected: ValueShape<String>.healthPath.expected, isMissing: { $0.path.isEmpty }),
                "Checks that the gateway makes by itself."),
            .switched(
                "passive", \.passive, passiveHealth, initial: PassiveHealthDeclaration(), isOn: true,
                "What is concluded from the requests that are forwarded."),
        ])

    static let activeHealth: MappingShape<ActiveHealthDeclaration> = {
        let initial = ActiveHealthDeclaration(path: "")
        return MappingShape(
            name: "active-health", title: "`active`", summary: "Checks that the gateway makes by itself.",
            keys: [
                .key("path", \.path, .healthPath, "The target of the request (GET)."),
                .key(
                    "statuses", \.statuses, .oneOrList(of: .statusRange),
                    "Statuses that mean health, single ones and ranges; 200-299 when not written."),
                .key(
                    "interval", \.intervalMilliseconds, .duration(100...86_400_000, off: false),
                    default: initial.intervalMilliseconds, "Between the starts of two checks of one endpoint."),
                .key(
                    "timeout", \.timeoutMilliseconds, .duration(1...86_400_000, off: false),
                    default: initial.timeoutMilliseconds, "From the start of a check to the end of its response head."),
                .key(
                    "healthy-after", \.healthyAfter, .integer(1...1_000), default: initial.healthyAfter,
                    "Good checks in a row until an endpoint counts as healthy again."),
                .key(
                    "unhealthy-after", \.unhealthyAfter, .integer(1...1_000), default: initial.unhealthyAfter,
                    "Failed checks in a row until it counts as unhealthy."),
                .optional(
                    "port", \.port, ValueShape<Int>.integer(1...65_535).map { UInt16($0) },
                    "Another port than the endpoint's own."),
                .optional(
                    "host", \.host, .authority, "The field `Host`; the endpoint's host and port when not written."),
            ])
    }()

    static let passiveHealth: MappingShape<PassiveHealthDeclaration> = {
        let initial = PassiveHealthDeclaration()
        return MappingShape(
            name: "passive-health", title: "`passive`",
            summary: "Failures are connects that fail, resets, timeouts, and the statuses 502, 503 and 504.",
            keys: [
                .key(
                    "consecutive-failures", \.consecutiveFailures, .integer(0...1_000_000),
                    default: initial.consecutiveFailures,
                    "Failures in a row that eject an endpoint; 0: they are not judged."),
                .key(
                    "failure-rate", \.failurePercent, .percent(1...100, off: true), default: initial.failurePercent,
                    "Share of failures within the window that ejects."),
                .key(
                    "window", \.windowMilliseconds, .duration(1_000...3_600_000, off: false),
                    default: initial.windowMilliseconds, "The time over which `failure-rate` is judged."),
                .key(
                    "minimum-requests", \.minimumRequests, .integer(1...1_000_000), default: initial.minimumRequests,
                    "Requests within the window below which no share is judged."),
                .key(
                    "eject", \.ejectMilliseconds, .duration(1...86_400_000, off: false),
                    default: initial.ejectMilliseconds,
                    "The first ejection; each further one lasts as much longer again."),
                .key(
                    "eject-max", \.ejectMaxMilliseconds, .duration(1...86_400_000, off: false),
                    default: initial.ejectMaxMilliseconds, "The longest ejection."),
                .key(
                    "ejected-max", \.ejectedPercentMax, .percent(0...100), default: initial.ejectedPercentMax,
                    "Never is a larger share of the endpoints ejected; one of two or more always may be."),
            ])
    }()
}

extension ValueShape<String> {
    /// The target of a check, in origin form (RFC 9112 §3.2.1).
    static let healthPath = text(pattern: "^/[!-\"$-~]*$", "a path such as /healthz") { content, node, reading in
        let text = String(decoding: content, as: UTF8.self)
        guard content.first == UInt8(ascii: "/") else {
            reading.error(
                "bad-path", at: node, "the path `\(reading.excerpt(node))` does not begin with `/`",
                expected: "a path such as /healthz", suggestion: text.contains(":") ? nil : "/" + text)
            return nil
        }
        if let bad = content.firstIndex(where: { $0 <= 0x20 || $0 >= 0x7F || $0 == UInt8(ascii: "#") }) {
            reading.error(
                "bad-path", at: node, byte: bad - content.startIndex,
                "the character cannot stand in a request's target as it is",
                expected: "its percent-encoding, such as %20")
            return nil
        }
        guard content.count <= 2_048 else {
            reading.error("bad-path", at: node, "the path has \(content.count) octets", expected: "at most 2048")
            return nil
        }
        return text
    }

    /// A value of the field `Host`: a name or an address, and a port after it where there is one.
    static let authority = text(
        pattern: "^[A-Za-z0-9_.:\\[\\]-]+$", "a host name such as orders.internal, with or without a port"
    ) { content, node, reading in
        let parts = AddressText.split(content)
        let host = parts.map(\.host) ?? content
        let isBracketed = content.first == UInt8(ascii: "[")
        let literal = parts == nil && isBracketed ? content.dropFirst().dropLast() : host
        let isHost =
            isBracketed
            ? content.contains(UInt8(ascii: "]")) && AddressText.ipv6(literal) != nil
            : AddressText.ipv4(host) != nil || AddressText.isHostName(host)
        guard isHost, parts?.port != 0 else {
            reading.error(
                "bad-host", at: node, "`\(reading.excerpt(node))` is not the value of a field `Host`",
                expected: "a host name such as orders.internal, with or without a port")
            return nil
        }
        return String(decoding: content, as: UTF8.self)
    }
}

extension ValueShape<ClosedRange<Int>> {
    /// A status of a response, or the first and the last of several.
    static let statusRange: ValueShape<ClosedRange<Int>> = {
        let expected = "a status such as 200, or several such as 200-299, from 200 to 599"
        let schema = JSONValue.object([
            .init("type", .array([.string("string"), .string("integer")])),
            .init("pattern", .string("^[2-5][0-9][0-9](-[2-5][0-9][0-9])?$")), .init("minimum", .integer(200)),
            .init("maximum", .integer(599)),
        ])
        return ValueShape(schema: schema, expected: expected) { node, reading in
            guard let content = reading.scalar(node, expected: expected) else { return nil }
            let numbers = content.split(separator: UInt8(ascii: "-"), maxSplits: 1, omittingEmptySubsequences: false)
                .map { $0.allSatisfy(ByteClass.isDigit) ? Decimal.parse($0) ?? -1 : -1 }
            if let first = numbers.first, let last = numbers.last, first <= last, (200...599).contains(first),
                (200...599).contains(last)
            {
                return first...last
            }
            let text = String(decoding: content, as: UTF8.self)
            let isClass = text.count == 3 && text.lowercased().hasSuffix("xx") && "2345".contains(text.prefix(1))
            reading.error(
                "out-of-range", at: node, "`\(reading.excerpt(node))` is not a status or a range of them",
                expected: expected, suggestion: isClass ? "\(text.prefix(1))00-\(text.prefix(1))99" : nil)
            return nil
        }
    }()
}
