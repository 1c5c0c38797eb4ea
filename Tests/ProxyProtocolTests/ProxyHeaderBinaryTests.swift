import Kernel
import Testing

@testable import ProxyProtocol

@Suite struct ProxyHeaderBinaryTests {
    private static let signature = bytes(hex: "0D0A0D0A 000D0A51 5549540A")
    private static let ipv4 = bytes(hex: "C0000201 C6336402 DC04 01BB")
    private static let ipv4Source = address("192.0.2.1", 56_324)
    private static let ipv4Destination = address("198.51.100.2", 443)

    private func header(_ commandAndFamily: String, _ payload: [UInt8], length: Int? = nil) -> [UInt8] {
        let length = length ?? payload.count
        return Self.signature + bytes(hex: commandAndFamily) + [UInt8(length >> 8), UInt8(length & 0xFF)] + payload
    }

    private func value(_ type: UInt8, _ content: [UInt8]) -> [UInt8] {
        [type, UInt8(content.count >> 8), UInt8(content.count & 0xFF)] + content
    }

    /// Headers that HAProxy 2.6 has sent, each with `hello` behind it.
    @Test(arguments: [
        ("2111000C 7F000001 7F000001 D36A 8DA5", "127.0.0.1", 54_122, 36_261),
        ("21110013 7F000001 7F000001 A392 AE7F 030004D896ACF4", "127.0.0.1", 41_874, 44_671),
        ("2111001D 7F000001 7F000001 E9B4 BAB1 0300044B6402BD 0500076162632D313233", "127.0.0.1", 59_828, 47_793),
        (
            "21210024 00000000000000000000000000000001 00000000000000000000000000000001 DF16 C643", "::1", 57_110,
            50_755
        ),
        (
            """
            21210035 00000000000000000000000000000001 00000000000000000000000000000001 8D6E 910D \
            030004F438C48B 0500076162632D313233
            """, "::1", 36_206, 37_133
        ),
    ])
    func `HAProxy's headers are understood`(hex: String, host: String, source: UInt16, destination: UInt16) {
        let header = Self.signature + bytes(hex: hex)
        expectHeader(
            header,
            .complete(
                consumed: header.count, source: address(host, source), destination: address(host, destination)))
        #expect(
            parse(header + Array("hello".utf8))
                == .complete(
                    consumed: header.count, source: address(host, source), destination: address(host, destination)))
    }

    @Test func `HAProxy's health check speaks for itself`() {
        let check = Self.signature + bytes(hex: "20000007 030004A9B87E8F")
        expectHeader(check, .local(consumed: 23))
    }

    @Test func `an IPv4 address in an IPv6 header is an IPv4 address`() {
        let mapped = bytes(hex: "00000000000000000000FFFFC0000201 00000000000000000000FFFFC6336402 DC04 01BB")
        expectHeader(
            header("2121", mapped),
            .complete(consumed: 52, source: Self.ipv4Source, destination: Self.ipv4Destination))
    }

    @Test(arguments: ["2000", "2011", "2021", "20FF", "2100"])
    func `LOCAL and an unknown family leave the connection's own addresses`(commandAndFamily: String) {
        for payload in [[], Self.ipv4, [1], [0x03, 0xFF, 0xFF], [UInt8](repeating: 0xFF, count: 4_080)] {
            expectHeader(header(commandAndFamily, payload), .local(consumed: 16 + payload.count))
        }
    }

    @Test func `a connection over a Unix socket leaves the connection's own addresses`() {
        let names = [UInt8](repeating: 0x2F, count: 216)
        expectHeader(header("2131", names), .local(consumed: 232))
        expectHeader(header("2131", names + value(0x04, [9])), .local(consumed: 236))
        expectRefusal(header("2131", [], length: 215), at: 15)
        expectRefusal(header("2131", names + [4, 0, 2, 9]), at: 234)
    }

    @Test(arguments: [
        ("0D0A0D0A000D0A515549540B", 11), ("0D0A0D0A000A", 5), ("0D0D", 1),
        ("0D0A0D0A000D0A515549540A 11", 12), ("0D0A0D0A000D0A515549540A 22", 12), ("0D0A0D0A000D0A515549540A 01", 12),
        ("0D0A0D0A000D0A515549540A 2F", 12), ("0D0A0D0A000D0A515549540A 31", 12),
        // Datagrams, half-told families, families that do not exist.
        ("0D0A0D0A000D0A515549540A 2101", 13), ("0D0A0D0A000D0A515549540A 2110", 13),
        ("0D0A0D0A000D0A515549540A 2112", 13), ("0D0A0D0A000D0A515549540A 2120", 13),
        ("0D0A0D0A000D0A515549540A 2122", 13), ("0D0A0D0A000D0A515549540A 2132", 13),
        ("0D0A0D0A000D0A515549540A 2113", 13), ("0D0A0D0A000D0A515549540A 2141", 13),
        ("0D0A0D0A000D0A515549540A 21FF", 13),
    ])
    func `what is no version 2 is refused at the first byte`(hex: String, index: Int) {
        expectRefusal(bytes(hex: hex), at: index)
        expectRefusal(bytes(hex: hex) + [UInt8](repeating: 0, count: 40), at: index)
    }

    @Test func `lengths that are too short or too long are refused when they are read`() {
        for short in [0, 1, 11] { expectRefusal(header("2111", Self.ipv4, length: short), at: 15) }
        for short in [0, 12, 35] { expectRefusal(header("2121", Self.ipv4, length: short), at: 15) }
        for command in ["2000", "2100", "2111", "2121", "2131"] {
            expectRefusal(header(command, [], length: 4_081), at: 15)
            expectRefusal(header(command, [], length: 4_096), at: 14)
            expectRefusal(header(command, [], length: 65_535), at: 14)
        }
    }

    @Test func `further values are skipped`() {
        for values in [
            value(0x04, []), value(0x04, [1, 2, 3]), value(0x01, Array("h2".utf8)) + value(0x02, Array("a.test".utf8)),
            value(0x20, [1, 0, 0, 0, 0] + value(0x21, Array("TLSv1.3".utf8))),
            value(0xFF, [UInt8](repeating: 0, count: 300)),
            value(0xEE, [UInt8](repeating: 7, count: 4_065)),
        ] {
            expectHeader(
                header("2111", Self.ipv4 + values),
                .complete(
                    consumed: 28 + values.count, source: Self.ipv4Source, destination: Self.ipv4Destination))
        }
    }

    @Test func `a value that does not fit is refused when its length is read`() {
        // The header's length leaves one or two bytes: no value is so short.
        expectRefusal(header("2111", Self.ipv4 + [4]), at: 15)
        expectRefusal(header("2111", Self.ipv4 + [4, 0]), at: 15)
        expectRefusal(header("2111", Self.ipv4 + [4, 0, 1]), at: 30)
        expectRefusal(header("2111", Self.ipv4 + [4, 1, 0, 0, 0]), at: 29)
        expectRefusal(header("2111", Self.ipv4 + [4, 0, 3, 9, 9]), at: 30)
        expectRefusal(header("2111", Self.ipv4 + [4, 0, 1, 9, 9]), at: 30)
        expectRefusal(header("2111", Self.ipv4 + value(4, [9]) + [4, 0xFF, 0xFF]), at: 33)
    }

    // MARK: - Checksums

    private func checked(_ before: [UInt8], _ behind: [UInt8]) -> [UInt8] {
        var whole = header("2111", Self.ipv4 + before + value(0x03, [0, 0, 0, 0]) + behind)
        let place = 28 + before.count + 3
        let sum = CRC32C.of(whole.span, withZerosAt: place..<(place + 4))
        for index in 0..<4 { whole[place + index] = UInt8(truncatingIfNeeded: sum >> (24 - 8 * UInt32(index))) }
        return whole
    }

    @Test func `the checksum is CRC-32C`() {
        // The check value of the polynomial, and that of 32 zeros in RFC 3720 §B.4.
        #expect(CRC32C.of(Array("123456789".utf8).span, withZerosAt: 0..<0) == 0xE306_9283)
        #expect(CRC32C.of([UInt8](repeating: 0, count: 32).span, withZerosAt: 0..<0) == 0x8A91_36AA)
        #expect(CRC32C.of([UInt8](repeating: 9, count: 32).span, withZerosAt: 0..<32) == 0x8A91_36AA)
    }

    @Test func `a right checksum passes and any flipped bit of what it covers fails at the end`() {
        let before = value(0x04, [1])
        let behind = value(0x02, Array("a.test".utf8))
        let whole = checked(before, behind)
        expectHeader(
            whole,
            .complete(consumed: whole.count, source: Self.ipv4Source, destination: Self.ipv4Destination))
        // Addresses, the first value's content, the sum, the second value's content.
        for place in Array(16..<28) + [31] + Array(35..<39) + Array(42..<48) {
            for bit in 0..<8 {
                var wrong = whole
                wrong[place] ^= 1 << bit
                expectRefusal(wrong, at: whole.count - 1)
            }
        }
    }

    @Test func `a checksum of another size, or a second one, is refused when that is seen`() {
        expectRefusal(header("2111", Self.ipv4 + value(0x03, [1, 2, 3])), at: 29)
        expectRefusal(header("2111", Self.ipv4 + value(0x03, [1, 2, 3, 4, 5])), at: 30)
        expectRefusal(header("2111", Self.ipv4 + [0x03, 1, 4] + [UInt8](repeating: 0, count: 260)), at: 29)
        expectRefusal(checked([], value(0x03, [0, 0, 0, 0])), at: 35)
    }

    @Test func `no refusal comes late`() {
        var random = FastRandom(seed: 77)
        // Without the type of the checksum, which shows only at the end whether it is right.
        let choices = (0...255).map { UInt8($0) }.filter { $0 != 0x03 }
        for round in 0..<40 {
            var walk = Self.signature
            while parse(walk) == .incomplete {
                // Mostly short headers: the upper half of the length.
                let start = walk.count == 14 && round % 8 != 0 ? 0 : random.below(choices.count)
                let next = choices.indices.map { choices[(start + $0) % choices.count] }
                    .first { parse(walk + [$0]) != .failed }
                guard let next else {
                    Issue.record("stuck behind \(walk)")
                    break
                }
                walk.append(next)
            }
            #expect(walk.count <= ProxyHeaderParser.bytesMax)
        }
    }
}
