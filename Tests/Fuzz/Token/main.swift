import FuzzSupport
import Kernel
import Signatures
import Tokens

// Invariants of what strangers write in tokens: nothing traps, a part of an object is never an object, what is decoded encodes to the
// same text, and no token is valid that was not signed by the one who has the key. The input is taken as a token, as the header and
// claims of one with a good signature, as an object and as a set of keys.

/// One key for the whole run, on the one thread that libFuzzer has.
enum Issuer {
    nonisolated(unsafe) static let signer = DevelopmentKey(.edwards)!
    nonisolated(unsafe) static let verifier = TokenVerifier(
        policy: TokenPolicy(issuer: "i", audiences: []),
        keys: [try! KeyMaterial(identifier: nil, numbers: signer.numbers())])
}

let limits = JSONLimits(bytesMax: 4_096, depthMax: 8, nodesMax: 512, membersMax: 64)

func isObject(_ bytes: Span<UInt8>) -> Bool {
    var reader = JSONReader(limits: limits)
    do throws(JSONFailure) { try reader.read(bytes) } catch {
        check(error.offset >= 0 && error.offset <= bytes.count, "a failure outside the text")
        return false
    }
    walk(reader.object(of: bytes), depth: 0)
    return true
}

/// Asks a value everything.
func walk(_ value: borrowing JSONValue, depth: Int) {
    check(depth <= limits.depthMax, "too deep")
    var buffer = ByteBuffer(capacity: limits.bytesMax)
    if let text = value.string {
        check(value.isText(Array(text.utf8).span), "a text is not itself")
        check(value.appendText(to: &buffer) && contents(of: buffer) == Array(text.utf8), "two texts")
        check(!text.utf8.contains(0), "a NUL")
    }
    if let integer = value.integer { check(value.double == Double(integer), "two numbers") }
    _ = value.boolean
    var elements = value.elements
    var count = 0
    while let element = elements.next() {
        walk(element, depth: depth + 1)
        count += 1
    }
    check(value.kind != .array || count == value.childCount, "elements are missing")
    if let inner = value.member("a") { walk(inner, depth: depth + 1) }
}

func checkObject(_ bytes: [UInt8]) {
    guard isObject(bytes.span), let end = bytes.lastIndex(of: UInt8(ascii: "}")) else { return }
    for count in cuts(end + 1) {
        check(!isObject(bytes.span.extracting(0..<count)), "an object after \(count) of \(end + 1)")
    }
}

func checkBase64URL(_ bytes: [UInt8]) {
    var buffer = ByteBuffer(capacity: max(1, bytes.count))
    check(Base64URL.decode(Array(Base64URL.encode(bytes).utf8).span, into: &buffer), "our own text is refused")
    check(contents(of: buffer) == bytes, "other octets")
    buffer.clear()
    if Base64URL.decode(bytes.span, into: &buffer) {
        check(Array(Base64URL.encode(contents(of: buffer)).utf8) == bytes, "two texts for the same octets")
    }
}

/// The input as a header and claims, parted by its first line feed, under a good signature.
func checkSigned(_ bytes: [UInt8], into opened: inout OpenedToken) {
    let parts = bytes.split(separator: 0x0A, maxSplits: 1, omittingEmptySubsequences: false)
    let claims = parts.count > 1 ? Array(parts[1]) : Array(#"{"iss":"i","exp":9}"#.utf8)
    let input = Base64URL.encode(Array(parts[0])) + "." + Base64URL.encode(claims)
    let signature = Issuer.signer.sign(Array(input.utf8), algorithm: .edDSA)!
    let token = Array((input + "." + Base64URL.encode(signature)).utf8)
    if case .valid(let expires) = Issuer.verifier.verify(token.span, nowSeconds: 5, into: &opened) {
        check(expires > 5 - TokenPolicy.clockSkewSecondsDefault, "an expired token")
        check(opened.claims?.member("iss")?.isText("i") == true, "another issuer")
    }
}

@c public func LLVMFuzzerTestOneInput(_ base: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = FuzzDriver.bytes(base, count)
    var opened = OpenedToken()
    if case .valid = Issuer.verifier.verify(bytes.span, nowSeconds: 0, into: &opened) { check(false, "a forged token") }
    checkSigned(bytes, into: &opened)
    checkObject(bytes)
    checkBase64URL(bytes)
    if let set = try? KeySetDocument(bytes.span, acceptsSecrets: true) {
        check(set.keys.count <= KeySetDocument.keysMax, "too many keys")
    }
    return 0
}

FuzzDriver.run { LLVMFuzzerTestOneInput($0, $1) }
