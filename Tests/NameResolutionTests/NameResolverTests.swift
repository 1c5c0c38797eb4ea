import Foundation
import Glibc
import Kernel
import NameResolution
import Testing

@Suite struct NameResolverTests {
    private static let records = [
        "local=/test/", "local-ttl=9", "host-record=one.test,10.2.0.1,7", "host-record=six.test,fd00::6,5",
        "host-record=both.test,10.2.0.2,fd00::2,11", "cname=alias.test,one.test,3", "cname=far.test,alias.test,100",
        "txt-record=text.test,hello", "host-record=under_score.test,10.2.0.5,1", "host-record=zero.test,10.2.0.6,0",
    ]

    private func addresses(_ literals: String..., port: UInt16) throws -> [SocketAddress] {
        try literals.map { try #require(SocketAddress(literal: $0, port: port)) }
    }

    private func cause(_ result: Result<Resolution, NameResolutionError>) -> NameResolutionError.Cause? {
        if case .failure(let error) = result { error.cause } else { nil }
    }

    @Test func `a name leads to its addresses with the port that was asked for and the least time to live`() throws {
        let server = try NameServer(Self.records)
        let resolver = NameResolver(servers: [server.address], families: .both)
        for (host, expected, seconds) in [
            ("one.test", ["10.2.0.1"], 7), ("ONE.Test", ["10.2.0.1"], 7), ("one.test.", ["10.2.0.1"], 7),
            ("six.test", ["fd00::6"], 5), ("both.test", ["10.2.0.2", "fd00::2"], 11), ("alias.test", ["10.2.0.1"], 3),
            ("far.test", ["10.2.0.1"], 3), ("under_score.test", ["10.2.0.5"], 1), ("zero.test", ["10.2.0.6"], 0),
        ] {
            let resolution = try resolver.resolve(host: host, port: 8_080, timeoutMilliseconds: 10_000)
            #expect(resolution.addresses.map(\.hostText) == expected, "\(host)")
            #expect(resolution.addresses.allSatisfy { $0.port == 8_080 })
            #expect(resolution.timeToLiveSeconds == seconds, "\(host)")
        }
    }

    @Test func `only the families that are wanted are asked for`() throws {
        let server = try NameServer(Self.records)
        let four = NameResolver(servers: [server.address], families: .ipv4)
        let six = NameResolver(servers: [server.address], families: .ipv6)
        #expect(
            try four.resolve(host: "both.test", port: 1, timeoutMilliseconds: 10_000).addresses
                == addresses("10.2.0.2", port: 1))
        #expect(
            try six.resolve(host: "both.test", port: 1, timeoutMilliseconds: 10_000).addresses
                == addresses("fd00::2", port: 1))
        let names = [NamedAddress(host: "six.test", port: 1), NamedAddress(host: "text.test", port: 1)]
        #expect(four.resolve(names, timeoutMilliseconds: 10_000).map(cause) == [.noAddress, .noAddress])
    }

    @Test func `many addresses come in numerical order, however the server turns them`() throws {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("addresses-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: file) }
        let literals = (1...70).map { "10.1.0.\($0)" }
        try (literals + ["fd00::3", "10.1.0.9"]).map { "\($0) many.test\n" }.joined()
            .write(to: file, atomically: true, encoding: .utf8)
        // Under systemd or with a strict umask dnsmasq would not be allowed to read it.
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: file.path)
        let server = try NameServer(Self.records + ["addn-hosts=\(file.path)"])
        let resolver = NameResolver(servers: [server.address], families: .both)
        for _ in 0..<3 {
            // 70 addresses do not fit in a datagram: c-ares asks once more over TCP.
            let resolution = try resolver.resolve(host: "many.test", port: 80, timeoutMilliseconds: 10_000)
            #expect(resolution.addresses.map(\.hostText) == Array(literals.prefix(Resolution.addressesMax)))
            #expect(resolution.timeToLiveSeconds == 9)
        }
    }

    @Test func `a batch keeps its order, and each host is asked once`() throws {
        let server = try NameServer(Self.records)
        let resolver = NameResolver(servers: [server.address], families: .both)
        var names: [NamedAddress] = []
        for index in 0..<300 {
            names.append(NamedAddress(host: index % 3 == 0 ? "one.test" : "missing-\(index).test", port: UInt16(index)))
        }
        names.append(NamedAddress(host: "::1", port: 5))
        let results = resolver.resolve(names, timeoutMilliseconds: 20_000)
        #expect(results.count == names.count)
        for (index, result) in results.dropLast().enumerated() {
            if index % 3 == 0 {
                #expect(try result.get().addresses == addresses("10.2.0.1", port: UInt16(index)))
            } else {
                #expect(cause(result) == .notFound)
            }
        }
        #expect(try results[300].get().addresses == addresses("::1", port: 5))
        #expect(resolver.resolve([], timeoutMilliseconds: 1).isEmpty)
    }

    @Test func `a name that does not exist is told with host, cause and remedy`() throws {
        let server = try NameServer(Self.records)
        let resolver = NameResolver(servers: [server.address])
        let error = try #require(throws: NameResolutionError.self) {
            try resolver.resolve(host: "nope.test", port: 80, timeoutMilliseconds: 10_000)
        }
        #expect(error.cause == .notFound)
        #expect(!error.isTransient)
        #expect(
            error.description
                == """
                cannot resolve 'nope.test': no such name (NXDOMAIN from \(server.address.text)); correct the name, or add it to \
                DNS or to /etc/hosts
                """)
    }

    @Test func `a server that refuses is told apart from one that is not there`() throws {
        let server = try NameServer(Self.records)
        let refused = NameResolver(servers: [server.address], families: .both)
            .resolve([NamedAddress(host: "elsewhere.example", port: 1)], timeoutMilliseconds: 10_000)
        #expect(refused.map(cause) == [.serverFailure("REFUSED")])
        let closed = try UDPSocket(.refusing)
        let nobody = NameResolver(servers: [closed.address], families: .both)
            .resolve([NamedAddress(host: "one.test", port: 1)], timeoutMilliseconds: 2_000)
        #expect(nobody.map(cause) == [.unreachable])
    }

    @Test func `SERVFAIL is told, here of a server that validates what nobody has signed`() throws {
        let server = try NameServer(Self.records)
        let validating = try NameServer([
            "server=127.0.0.1#\(server.address.port)", "dnssec",
            "trust-anchor=.,20326,8,2,E06D44B80B8F1D39A95C0B0D7C65D08458E880409BBC683457104237C7F8EC8D",
        ])
        let results = NameResolver(servers: [validating.address], families: .both)
            .resolve([NamedAddress(host: "one.test", port: 1)], timeoutMilliseconds: 10_000)
        #expect(results.map(cause) == [.serverFailure("SERVFAIL")])
        // Another server that does not mind is asked by itself.
        let both = NameResolver(servers: [validating.address, server.address], families: .both)
        #expect(
            try both.resolve(host: "one.test", port: 1, timeoutMilliseconds: 10_000).addresses
                == addresses("10.2.0.1", port: 1))
    }

    @Test func `a server that never answers costs the time that was given and no more`() throws {
        let hole = try UDPSocket()
        let resolver = NameResolver(servers: [hole.address], families: .both)
        let names = (0..<200).map { NamedAddress(host: "name-\($0).test", port: 1) }
        let began = SystemClock.monotonicNanoseconds()
        let results = resolver.resolve(names, timeoutMilliseconds: 300)
        let took = (SystemClock.monotonicNanoseconds() - began) / 1_000_000
        #expect(results.allSatisfy { cause($0) == .timedOut(milliseconds: 300) })
        // Not less, whatever the library thinks; the rest is room for a machine that is busy with other things.
        #expect((300..<5_000).contains(took))
        if case .failure(let error) = results[0] {
            #expect(error.isTransient)
            #expect(
                error.description.hasPrefix("cannot resolve 'name-0.test': no answer within 300 ms from 127.0.0.1:"))
        }
    }

    @Test func `the second server answers when the first does not`() throws {
        let hole = try UDPSocket()
        let server = try NameServer(Self.records)
        let resolver = NameResolver(servers: [hole.address, server.address], families: .both)
        #expect(
            try resolver.resolve(host: "both.test", port: 1, timeoutMilliseconds: 10_000).addresses
                == addresses("10.2.0.2", "fd00::2", port: 1))
    }

    @Test func `the hosts file and literals need no server`() throws {
        let hole = try UDPSocket()
        let resolver = NameResolver(servers: [hole.address])
        let names = [
            NamedAddress(host: "localhost", port: 80), NamedAddress(host: "10.9.8.7", port: 81),
            NamedAddress(host: "2001:db8::7", port: 82),
        ]
        let results = try resolver.resolve(names, timeoutMilliseconds: 5_000).map { try $0.get() }
        #expect(try results[0].addresses.first == addresses("127.0.0.1", port: 80)[0])
        #expect(results[0].timeToLiveSeconds == Resolution.hostsFileSeconds)
        #expect(try results[1].addresses == addresses("10.9.8.7", port: 81))
        #expect(try results[2].addresses == addresses("2001:db8::7", port: 82))
        #expect(results[2].timeToLiveSeconds == Resolution.literalSeconds)
    }

    @Test(arguments: [
        "", ".", "a..b", ".a", "a b", "a\0b", "one.test\0.evil", "-a.test", "a-.test", "ä.test", "a/b", "1.2.3",
        "999.1.1.1",
        "[::1]", "a:80", String(repeating: "a", count: 64) + ".test",
        Array(repeating: "abc", count: 64).joined(separator: "."),
    ])
    func `what is no host name is not asked for`(host: String) throws {
        let hole = try UDPSocket()
        let results = NameResolver(servers: [hole.address])
            .resolve([NamedAddress(host: host, port: 1)], timeoutMilliseconds: 60_000)
        #expect(results.map(cause) == [.invalidName])
    }

    @Test(arguments: [
        ("127.0.0.1", "127.0.0.1:53"), ("10.0.0.1:5353", "10.0.0.1:5353"), ("::1", "[::1]:53"),
        ("[::1]:54", "[::1]:54"),
    ])
    func `a server is written as an address with or without a port`(text: String, address: String) throws {
        #expect(NameResolver.server(text)?.text == address)
    }

    @Test(arguments: [
        "", "localhost", "dns.test:53", "1.2.3.4:", "1.2.3.4:0", "1.2.3.4:65536", "1.2.3.4:+5", "[1.2.3.4]:5", "[::1]",
        ":53",
    ])
    func `anything else is no server`(text: String) {
        #expect(NameResolver.server(text) == nil)
    }
}
