import HTTP1
import HTTPModel
import Testing

@Suite struct CookiePairsTests {
    /// The values that are found: of the first cookie, and of the only one.
    private func values(_ lines: [String]) -> (first: String?, only: String) {
        let text = lines.map { "Cookie: \($0)\r\n" }.joined()
        let bytes = Array("GET / HTTP/1.1\r\nHost: a\r\n\(text)\r\n".utf8)
        var head = RequestHead(fieldLimit: 10)
        _ = RequestHeadParser.parse(bytes.span, into: &head, limits: .forTests)
        let name = Array("id".utf8)
        func shown(_ range: ByteRange) -> String { String(decoding: bytes[range.indices], as: UTF8.self) }
        let first = CookiePairs.value(of: name.span, in: head.fields, head: bytes.span).map(shown)
        switch CookiePairs.only(name.span, in: head.fields, head: bytes.span) {
        case .none: return (first, "none")
        case .one(let range): return (first, shown(range))
        case .several: return (first, "several")
        }
    }

    @Test(arguments: [
        (["id=a"], "a", "a"), (["x=y; id=a; z=w"], "a", "a"), (["x=y", "id=a"], "a", "a"), (["id=a;"], "a", "a"),
        (["x=y;id=a"], "a", "a"), (["id="], "", ""), (["id=a=b"], "a=b", "a=b"), (["id=\"a\""], "\"a\"", "\"a\""),
        (["id=a; id=b"], "a", "several"), (["id=a", "id=a"], "a", "several"), (["id=; id=a"], "", "several"),
    ])
    func `a cookie is found among others`(lines: [String], first: String, only: String) {
        let found = values(lines)
        #expect(found.first == first && found.only == only)
    }

    @Test(arguments: [[], ["x=y"], ["ID=a"], ["id"], ["xid=a; idx=b"], ["x=id=a"], [";;"], [""]])
    func `no cookie has that name`(lines: [String]) {
        let found = values(lines)
        #expect(found.first == nil && found.only == "none")
    }
}
