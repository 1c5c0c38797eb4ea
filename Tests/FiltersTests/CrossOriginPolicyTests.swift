import Declarations
import Filters
import HTTPModel
import Kernel
import Testing

@Suite struct CrossOriginPolicyTests {
    private func policy(_ origins: [String], credentials: Bool = false) -> CrossOriginPolicy {
        var declaration = CrossOriginDeclaration()
        declaration.origins = origins
        declaration.allowsCredentials = credentials
        declaration.methods = ["PUT", "GET"]
        return CrossOriginPolicy(declaration)
    }

    private func lines(_ policy: CrossOriginPolicy, _ verdict: CrossOriginPolicy.Verdict, _ origin: String) -> String {
        let bytes = Array(origin.utf8)
        var buffer = ByteBuffer(capacity: policy.bytesMax(originBytes: bytes.count))
        policy.appendLines(verdict, origin: bytes.span, into: &buffer)
        return ByteText.string(buffer.readable)
    }

    @Test(arguments: [
        ("https://a.example", true), ("https://a.example:8443", false), ("http://a.example", false),
        ("https://x.b.example", true), ("https://x.y.b.example", true), ("https://b.example", false),
        ("https://.b.example", false), ("https://xb.example", false), ("null", false), ("https://A.example", false),
        ("https://a.example https://a.example", false), ("https://a.example,https://b.example", false),
        ("https://a.example\r\nX: y", false),
    ])
    func `an origin is allowed to the letter, or below a name`(origin: String, isAllowed: Bool) {
        let policy = policy(["https://a.example", "https://*.b.example"])
        let bytes = Array(origin.utf8)
        #expect(
            policy.verdict(method: .get, origin: bytes.span, asksMethod: false) == (isAllowed ? .allowed : .nothing))
        #expect(
            policy.verdict(method: .options, origin: bytes.span, asksMethod: true) == .preflight(isAllowed: isAllowed))
    }

    @Test func `what is no page's request is none`() {
        let nothing: [UInt8] = []
        #expect(policy(["*"]).verdict(method: .options, origin: nothing.span, asksMethod: true) == .nothing)
    }

    @Test func `all origins are told the same`() {
        let all = policy(["*"])
        #expect(lines(all, .allowed, "https://x.example") == "Access-Control-Allow-Origin: *\r\n")
        #expect(lines(all, .nothing, "") == "")
    }

    @Test func `some origins are told by name, and caches are told so`() {
        let some = policy(["https://a.example"], credentials: true)
        #expect(
            lines(some, .allowed, "https://a.example")
                == "Vary: Origin\r\nAccess-Control-Allow-Origin: https://a.example\r\nAccess-Control-Allow-Credentials: true\r\n"
        )
        #expect(lines(some, .nothing, "https://b.example") == "Vary: Origin\r\n")
        #expect(
            lines(some, .preflight(isAllowed: true), "https://a.example")
                == "Vary: Origin\r\nAccess-Control-Allow-Origin: https://a.example\r\nAccess-Control-Allow-Credentials: true\r\n"
                + "Access-Control-Allow-Methods: GET, HEAD, POST, PUT\r\nAccess-Control-Max-Age: 600\r\n")
    }
}
