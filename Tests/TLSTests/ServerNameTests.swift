import Testing

@testable import TLS

@Suite struct ServerNameTests {
    private func octets(_ text: String) -> [UInt8] { Array(text.utf8) }

    @Test(arguments: [
        ("a.example", 1), ("A.EXAMPLE", 1), ("a.example.", 1), ("b.example", 2), ("x.b.example", 3), ("X.B.example", 3),
        ("deep.x.b.example", nil), ("exact.b.example", 4), (".b.example", nil), ("example", nil), ("", nil), (".", nil),
        ("*.b.example", 3), ("aexample", nil), ("c.example", 5), ("a.exampl", nil),
    ])
    func `exact names come before wildcards of one label`(name: String, entry: Int?) {
        let table = ServerNameTable([
            (octets("a.example"), 1), (octets("B.example"), 2), (octets("*.B.example"), 3),
            (octets("exact.b.example"), 4),
            (octets("c.example"), 5), (octets("C.example"), 6), (octets("*."), 7), (octets(""), 8),
        ])
        #expect(table.entry(for: octets(name).span) == entry)
    }

    @Test func `many names are found, and no others`() {
        let names = (0..<500).map { "host\($0).example" }
        let table = ServerNameTable(names.enumerated().map { (octets($0.element), $0.offset) })
        for (index, name) in names.enumerated() { #expect(table.entry(for: octets(name).span) == index) }
        #expect(table.entry(for: octets("host500.example").span) == nil)
    }

    @Test func `the name in a hello is found, and a malformed one is none`() {
        let good: [UInt8] = [0, 6, 0, 0, 3, 0x61, 0x2E, 0x62]
        #expect(ClientHello.hostName(in: good.span) == 5..<8)
        for count in 0..<good.count { #expect(ClientHello.hostName(in: Array(good[..<count]).span) == nil) }
        #expect(ClientHello.hostName(in: (good + [0]).span) == nil)
        for (index, value) in [(1, 7), (2, 1), (3, 1), (4, 0), (4, 4), (5, 0x20), (6, 0), (7, 0x80)] as [(Int, UInt8)] {
            var bad = good
            bad[index] = value
            #expect(ClientHello.hostName(in: bad.span) == nil, "\(bad)")
        }
    }

    @Test func `certificates with different keys share an entry where they share a name`() {
        var plan = CertificatePlan()
        plan.add(0, names: [octets("A.example"), octets("b.example")], keyKind: 1)
        plan.add(1, names: [octets("b.example"), octets("c.example")], keyKind: 2)
        plan.add(2, names: [octets("b.example"), octets("d.example")], keyKind: 1)
        plan.add(3, names: [octets("a.example")], keyKind: 2)
        let (groups, names) = plan.groups()
        #expect(groups == [[0, 3], [0, 1], [1], [2]])
        #expect(
            names.map { String(decoding: $0.name, as: UTF8.self) } == [
                "a.example", "b.example", "c.example", "d.example",
            ])
        #expect(names.map(\.entry) == [0, 1, 2, 3])
    }

    @Test func `a first certificate without names is still the default`() {
        var plan = CertificatePlan()
        plan.add(0, names: [], keyKind: 1)
        plan.add(1, names: [octets("a.example")], keyKind: 1)
        #expect(plan.groups().groups == [[0], [1]])
    }

    @Test(arguments: [
        ("http/1.1", [8] + Array("http/1.1".utf8), "http/1.1"), ("h2", [2, 0x68, 0x32, 1, 0x78], "h2"),
        ("none", [2, 0x68], nil),
        ("none", [0, 0, 1, 0x78], nil), ("none", [], nil), ("none", [255], nil),
    ])
    func `the first of our protocols that is offered is chosen`(name: String, offer: [UInt8], chosen: String?) throws {
        let list = try ProtocolList(["h2", "http/1.1"])
        let range = list.choose(from: offer.span)
        #expect(range.map { $0 == 1..<3 ? "h2" : "http/1.1" } == chosen)
    }

    @Test(arguments: [
        ("plain text", "plain text"), (" a ", "\\ a\\ "), ("#1", "\\#1"), ("a#", "a#"),
        ("a,b;c+d\"e\\f<g>", "a\\,b\\;c\\+d\\\"e\\\\f\\<g\\>"),
        ("é\r\n\u{0}\u{7F}", "\\C3\\A9\\0D\\0A\\00\\7F"), ("", ""), (" ", "\\ "),
        ("spiffe://a/b?c=d", "spiffe://a/b?c=d"),
    ])
    func `foreign text is escaped to printable ASCII`(text: String, escaped: String) {
        #expect(PrintableText.escaped(octets(text)) == escaped)
    }

    @Test(arguments: [
        (0, "1970-01-01 00:00:00 UTC"), (951_782_400, "2000-02-29 00:00:00 UTC"),
        (4_102_444_799, "2099-12-31 23:59:59 UTC"),
        (-1, "1969-12-31 23:59:59 UTC"), (1_709_251_199, "2024-02-29 23:59:59 UTC"),
        (253_402_300_799, "9999-12-31 23:59:59 UTC"),
    ])
    func `seconds are told as dates`(seconds: Int64, text: String) {
        #expect(CivilTime.text(seconds) == text)
    }
}
