import Kernel
import ProxyProtocol
import Testing

@Suite struct ProxyHeaderTextTests {
    @Test(arguments: [
        ("TCP4 127.0.0.1 127.0.0.2 53464 35055", address("127.0.0.1", 53_464), address("127.0.0.2", 35_055)),
        ("TCP4 0.0.0.0 255.255.255.255 0 65535", address("0.0.0.0", 0), address("255.255.255.255", 65_535)),
        ("TCP4 10.20.100.9 192.0.2.250 1 10", address("10.20.100.9", 1), address("192.0.2.250", 10)),
        ("TCP6 ::1 ::1 46086 44113", address("::1", 46_086), address("::1", 44_113)),
        ("TCP6 :: 2001:db8:: 1 2", address("::", 1), address("2001:db8::", 2)),
        ("TCP6 2001:DB8::a:0:b fe80::1 1 2", address("2001:db8::a:0:b", 1), address("fe80::1", 2)),
        ("TCP6 1:2:3:4:5:6:7:8 1:2:3:4:5:6:7:: 1 2", address("1:2:3:4:5:6:7:8", 1), address("1:2:3:4:5:6:7:0", 2)),
        ("TCP6 ::2:3:4:5:6:7:8 1::3:4:5:6:7:8 1 2", address("0:2:3:4:5:6:7:8", 1), address("1:0:3:4:5:6:7:8", 2)),
        ("TCP6 0001:0000:0:00:000::00FF ::0 1 2", address("1::ff", 1), address("::", 2)),
        // What C libraries write for an IPv4 address that came over an IPv6 socket, and the same in groups.
        ("TCP6 ::ffff:192.0.2.1 ::FFFF:c000:0202 1 2", address("192.0.2.1", 1), address("192.0.2.2", 2)),
        ("TCP6 0:0:0:0:0:ffff:c000:201 ::ffff:1 1 2", address("192.0.2.1", 1), address("::ffff:1", 2)),
        (
            "TCP6 ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 65535 65535",
            address("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", 65_535),
            address("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", 65_535)
        ),
    ])
    func `a line tells both addresses`(line: String, source: SocketAddress, destination: SocketAddress) {
        let header = Array("PROXY \(line)\r\n".utf8)
        expectHeader(header, .complete(consumed: header.count, source: source, destination: destination))
    }

    @Test(arguments: [
        "", " ", " what ever ~",
        " ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 65535 65535",
    ])
    func `a sender that knows no addresses leaves the connection's own`(behind: String) {
        let header = Array("PROXY UNKNOWN\(behind)\r\n".utf8)
        #expect(header.count <= 107)
        expectHeader(header, .local(consumed: header.count))
    }

    @Test func `107 bytes are a line and 108 are none`() {
        let longest = Array("PROXY UNKNOWN ".utf8) + [UInt8](repeating: 0x78, count: 91)
        expectHeader(longest + [0x0D, 0x0A], .local(consumed: 107))
        expectRefusal(longest + [0x78, 0x0D, 0x0A], at: 105)
    }

    /// The byte behind the mark is the first that cannot be.
    @Test(arguments: [
        "|X", "|proxy TCP4 ", "PROX|Z", "PROXY|\r\n", "PROXY |\r\n", "PROXY | TCP4", "PROXY |tcp4", "PROXY TCP|5 ",
        "PROXY TCP4|\r\n", "PROXY TCP4|6 ", "PROXY TCP4 | 1.1.1.1", "PROXY U|DP4 1.1.1.1", "PROXY UNKNOWN|X\r\n",
        "PROXY UNKNOWN|\n", "PROXY UNKNOWN\r|\r\n", "PROXY UNKNOWN a|\tb\r\n", "PROXY UNKNOWN a|\0\r\n",
        "PROXY UNKNOWN a|é\r\n", "PROXY UNKNOWN|\0",
        // Addresses of the other family, short ones, long ones, numbers that some read as octal.
        "PROXY TCP4 |::1 ::1 1 2\r\n", "PROXY TCP4 1|:", "PROXY TCP6 1|.2.3.4 1.2.3.4 1 2\r\n", "PROXY TCP4 1.2.3| 4",
        "PROXY TCP4 1.2.3.4|.5", "PROXY TCP4 1.2.3|\r\n", "PROXY TCP4 25|6.1.1.1", "PROXY TCP4 1.2.3.100|0",
        "PROXY TCP4 0|1.2.3.4", "PROXY TCP4 0|0.2.3.4", "PROXY TCP4 0|x1.2.3.4", "PROXY TCP4 1.|.2.3",
        "PROXY TCP4 |-1.2.3.4", "PROXY TCP4 |+1.2.3.4", "PROXY TCP4 1.2.3.4 | 1.2.3.4", "PROXY TCP4 1.2.3.4|\t1.2.3.4",
        "PROXY TCP4 1.2.3.4 1.2.3.4|\r\n", "PROXY TCP4 1.2.3.4 1.2.3.4|:80",
        "PROXY TCP6 | ", "PROXY TCP6 :| ", "PROXY TCP6 ::|: ", "PROXY TCP6 1:| ", "PROXY TCP6 1::2:|: ",
        "PROXY TCP6 :|1:2:3:4:5:6:7 ", "PROXY TCP6 1:2:3:4:5:6:7| ", "PROXY TCP6 1:2:3:4:5:6:7:8|:",
        "PROXY TCP6 1:2:3:4:5:6:7::|8", "PROXY TCP6 ::1:2:3:4:5:6:7|:", "PROXY TCP6 1::3:4:5:6:7:8|:",
        "PROXY TCP6 0000|0:",
        "PROXY TCP6 1234|5", "PROXY TCP6 |g::", "PROXY TCP6 |[::1]", "PROXY TCP6 fe80::1|%eth0 ",
        "PROXY TCP6 ::1|/128", "PROXY TCP6 ::|.1.2.3.4", "PROXY TCP6 ::1|.2.3.4 ", "PROXY TCP6 ::fffe:1|.2.3.4 ",
        "PROXY TCP6 0:0:0:0:0:ffff:1|.2.3.4 ", "PROXY TCP6 ::ffff:a|.2.3.4", "PROXY TCP6 ::ffff:01|.2.3.4",
        "PROXY TCP6 ::ffff:256|.2.3.4", "PROXY TCP6 ::ffff:1.2.3|:", "PROXY TCP6 ::ffff:1.2.3| ",
        "PROXY TCP6 ::ffff:1.2.3.4|:5", "PROXY TCP6 ffff::ffff:1|.2.3.4", "PROXY TCP6 ::ffff:0:1|.2.3.4",
        // Ports.
        "PROXY TCP4 1.1.1.1 2.2.2.2 | 2", "PROXY TCP4 1.1.1.1 2.2.2.2 6553|6 2", "PROXY TCP4 1.1.1.1 2.2.2.2 65535|0 2",
        "PROXY TCP4 1.1.1.1 2.2.2.2 0|1 2", "PROXY TCP4 1.1.1.1 2.2.2.2 1|\r\n", "PROXY TCP4 1.1.1.1 2.2.2.2 |-1 2",
        "PROXY TCP4 1.1.1.1 2.2.2.2 1 |\r\n", "PROXY TCP4 1.1.1.1 2.2.2.2 1 2| \r\n",
        "PROXY TCP4 1.1.1.1 2.2.2.2 1 2|\n",
        "PROXY TCP4 1.1.1.1 2.2.2.2 1 2\r|\r\n", "PROXY TCP4 1.1.1.1 2.2.2.2 1 2\r|X",
        "PROXY TCP4 1.1.1.1 2.2.2.2 1 2|\0",
        "PROXY TCP4 1.1.1.1 2.2.2.2 1 9999|9",
    ])
    func `a line that breaks a rule is refused at the first byte that does`(marked: String) throws {
        let marked = Array(marked.utf8)
        let index = try #require(marked.firstIndex(of: UInt8(ascii: "|")))
        expectRefusal(Array(marked[..<index] + marked[(index + 1)...]), at: index)
    }

    /// Whatever is said to be incomplete can be completed: a walk that only avoids refusals always arrives.
    @Test func `no refusal comes late`() {
        var random = FastRandom(seed: 20_240_501)
        let alphabet = Array("PROXYTCPUNKNOWN46 0123456789abcdefF:.\r\n".utf8)
        for _ in 0..<150 {
            var line = Array("P".utf8)
            while parse(line) == .incomplete {
                let start = random.below(alphabet.count)
                let next = alphabet.indices.map { alphabet[(start + $0) % alphabet.count] }
                    .first { parse(line + [$0]) != .failed }
                guard let next else {
                    Issue.record("stuck behind \(String(decoding: line, as: UTF8.self))")
                    break
                }
                line.append(next)
            }
            #expect(line.count <= 107)
        }
    }

    @Test func `all addresses that a C library writes are understood`() {
        var random = FastRandom(seed: 7)
        for _ in 0..<2_000 {
            // Many zeros, so that `::` stands everywhere.
            let bytes = (0..<16).map { _ in random.below(3) == 0 ? UInt8(truncatingIfNeeded: random.next()) : 0 }
            let some = SocketAddress(bytes: bytes, port: UInt16(truncatingIfNeeded: random.next()))
            // The C library writes `::1.2.3.4` for addresses that nobody uses any more (RFC 4291 §2.5.5.1).
            guard !some.isIPv4, !some.hostText.contains(".") else { continue }
            let header = Array("PROXY TCP6 \(some.hostText) ::ffff:9.8.7.6 \(some.port) 5\r\n".utf8)
            #expect(
                parse(header)
                    == .complete(consumed: header.count, source: some, destination: address("9.8.7.6", 5)))
        }
    }
}
