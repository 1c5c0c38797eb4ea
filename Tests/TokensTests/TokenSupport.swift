import Kernel
import Signatures
import Testing
import Tokens

/// Keys that tests share, because making them takes long.
enum Keys {
    nonisolated(unsafe) static let rsa = DevelopmentKey(.rsa(modulusBits: 2_048))!
    nonisolated(unsafe) static let otherRSA = DevelopmentKey(.rsa(modulusBits: 2_048))!
    nonisolated(unsafe) static let p256 = DevelopmentKey(.elliptic(.p256))!
    nonisolated(unsafe) static let edwards = DevelopmentKey(.edwards)!
}

/// The time of the tests: a hundred seconds after `standardClaims` were issued.
let now: Int64 = 1_700_000_100
let issuer = "https://kc/realms/shop"

/// Members of the claims as Keycloak writes them.
let standardClaims: [(name: String, json: String)] = [
    ("exp", "1700000300"), ("iat", "1700000000"), ("iss", #""https://kc/realms/shop""#),
    ("aud", #"["orders","account"]"#), ("sub", #""f9""#), ("typ", #""Bearer""#), ("azp", #""web""#),
    ("realm_access", #"{"roles":["admin","offline_access"]}"#),
    ("resource_access", #"{"orders":{"roles":["write"]},"account":{"roles":["view-profile"]}}"#),
    ("scope", #""openid email profile""#), ("email_verified", "true"), ("level", "3"),
]

/// The standard claims with some replaced, or left out where nil.
func claims(_ changes: [String: String?] = [:]) -> String {
    var members: [String] = []
    var rest = changes
    for (name, json) in standardClaims {
        if let change = rest.removeValue(forKey: name) {
            if let change { members.append("\"\(name)\":\(change)") }
        } else {
            members.append("\"\(name)\":\(json)")
        }
    }
    for (name, json) in rest.sorted(by: { $0.key < $1.key }) {
        if let json { members.append("\"\(name)\":\(json)") }
    }
    return "{" + members.joined(separator: ",") + "}"
}

/// A token with this header and these claims, as they are, signed.
func sign(
    header: String, claims: String = claims(), by key: DevelopmentKey = Keys.rsa,
    _ algorithm: SignatureAlgorithm = .rs256
) -> String {
    let input = encode(header) + "." + encode(claims)
    return input + "." + Base64URL.encode(key.sign(Array(input.utf8), algorithm: algorithm)!)
}

/// A token by the key named `one` with these claims.
func token(_ claims: String = claims()) -> String {
    sign(header: #"{"alg":"RS256","typ":"JWT","kid":"one"}"#, claims: claims)
}

func encode(_ text: String) -> String { Base64URL.encode(Array(text.utf8)) }

func material(
    _ key: DevelopmentKey, _ identifier: String?, _ algorithm: SignatureAlgorithm? = nil
) throws -> KeyMaterial {
    try KeyMaterial(identifier: identifier, numbers: key.numbers(), algorithm: algorithm)
}

/// What a verifier with the key named `one` says to a token.
func verdict(
    _ token: String, policy: TokenPolicy = TokenPolicy(issuer: issuer, audiences: ["orders"]),
    keys: [KeyMaterial]? = nil, at time: Int64 = now
) throws -> TokenVerdict {
    let verifier = TokenVerifier(policy: policy, keys: try keys ?? [material(Keys.rsa, "one")])
    var opened = OpenedToken()
    let verdict = verifier.verify(Array(token.utf8).span, nowSeconds: time, into: &opened)
    let hasClaims = opened.claims?.kind == .object
    if case .valid = verdict { #expect(hasClaims) } else { #expect(!hasClaims) }
    return verdict
}

/// Why the token is refused; nil when it is not.
func failure(
    _ token: String, policy: TokenPolicy = TokenPolicy(issuer: issuer, audiences: ["orders"]),
    keys: [KeyMaterial]? = nil, at time: Int64 = now
) throws -> TokenFailure? {
    guard case .refused(let failure) = try verdict(token, policy: policy, keys: keys, at: time) else { return nil }
    return failure
}

let generousLimits = JSONLimits(bytesMax: 10_000, depthMax: 8, nodesMax: 500, membersMax: 100)

/// Reads a text and hands its object over; records an issue when it is none.
func withObject(_ text: String, _ body: (JSONValue) throws -> Void) throws {
    let bytes = Array(text.utf8)
    var reader = JSONReader(limits: generousLimits)
    try reader.read(bytes.span)
    try body(reader.object(of: bytes.span))
}

/// Why a text cannot be read; nil when it can.
func readingFailure(_ bytes: [UInt8], _ limits: JSONLimits = generousLimits) -> JSONFailure? {
    var reader = JSONReader(limits: limits)
    do throws(JSONFailure) {
        try reader.read(bytes.span)
        return nil
    } catch { return error }
}
