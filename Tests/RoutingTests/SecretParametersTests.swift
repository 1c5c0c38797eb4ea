import HTTPModel
import Kernel
import Routing
import Testing

@Suite struct SecretParametersTests {
    private func redacted(_ target: String, _ names: [String] = ["token"]) -> String {
        let bytes = Array(target.utf8)
        var text = ByteBuffer(capacity: max(1, 2 * bytes.count))
        SecretParameters.append(bytes.span, without: names.map { Array($0.utf8) }, to: &text)
        return ByteText.string(text.readable)
    }

    @Test(arguments: [
        ("/", "/"), ("/?", "/?"), ("/a?b=c", "/a?b=c"), ("/token=abc", "/token=abc"),
        ("/?token=abc", "/?token=***"), ("/?a=b&token=abc&c=d", "/?a=b&token=***&c=d"),
        ("/?token=abc&token=def", "/?token=***&token=***"), ("/?token=abc&", "/?token=***&"),
        ("/?&&token=abc", "/?&&token=***"), ("/?token", "/?token"), ("/?token=", "/?token="),
        ("/?token=a", "/?token=**"), ("/?token=ab", "/?token=***"), ("/?token=a=b", "/?token=***"),
        ("/?t%6Fken=abc", "/?t%6Fken=***"), ("/?%74%6f%6B%65%6e=abc", "/?%74%6f%6B%65%6e=***"),
        ("/?Token=abc", "/?Token=abc"), ("/?tokens=abc&xtoken=abc", "/?tokens=abc&xtoken=abc"),
        ("/?a?token=abc", "/?a?token=abc"), ("/?token=a?b", "/?token=***"),
        ("http://a/?token=abc", "http://a/?token=***"), ("/?=abc", "/?=abc"), ("*", "*"), ("", ""),
    ])
    func `values of secret parameters are not shown`(target: String, shown: String) {
        #expect(redacted(target) == shown)
    }

    @Test func `names may have spaces, and several may be secret`() {
        #expect(redacted("/?my+key=abc&my%20key=abc&b=abc", ["my key", "b"]) == "/?my+key=***&my%20key=***&b=***")
        #expect(redacted("/?token=abc", []) == "/?token=abc")
    }

    @Test func `what is shown is never longer than twice the target`() {
        for target in ["/?a=b&a=b&a=b", "?a=b", "?a=bc&a=b", "/?a=&a=b&a"] {
            #expect(redacted(target, ["a"]).utf8.count <= 2 * target.utf8.count)
        }
    }

    @Test(arguments: [
        ("", ""), ("a=b", ""), ("token=abc", "abc"), ("a=b&token=abc&c=d", "abc"), ("token", "|"), ("token=", "|"),
        ("t%6Fken=abc", "abc"), ("token=%61bc", "%61bc"), ("token=a=b", "a=b"), ("tokens=abc", ""), ("TOKEN=abc", ""),
        ("token=abc&token=abc", "several"), ("token=abc&t%6Fken=def", "several"), ("token&token=abc", "several"),
    ])
    func `there is one value, none, or too many`(query: String, value: String) {
        let bytes = Array(query.utf8)
        let found: String =
            switch SecretParameters.only(Array("token".utf8), in: bytes.span) {
            case .none: ""
            case .one(let range): range.isEmpty ? "|" : String(decoding: bytes[range], as: UTF8.self)
            case .several: "several"
            }
        #expect(found == value)
    }
}
