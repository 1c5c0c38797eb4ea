import Declarations
import Filters
import Signatures
import Testing
import Tokens

/// Keys that tests share, because making them takes long.
enum DeskKeys {
    nonisolated(unsafe) static let one = DevelopmentKey(.edwards)!
    nonisolated(unsafe) static let other = DevelopmentKey(.edwards)!
    nonisolated(unsafe) static let p256 = DevelopmentKey(.elliptic(.p256))!
}

/// The time of the tests, 300 seconds before tokens expire.
let deskNow: Int64 = 1_700_000_000

func issuer(_ id: String, _ change: (inout IssuerDeclaration) -> Void = { _ in }) -> IssuerDeclaration {
    var declaration = IssuerDeclaration(id: id)
    declaration.issuer = "https://\(id)"
    declaration.clockSkewSeconds = 30
    change(&declaration)
    return declaration
}

func key(_ pair: DevelopmentKey, _ name: String?) throws -> KeyMaterial {
    try KeyMaterial(identifier: name, numbers: pair.numbers())
}

/// A token of an issuer; further members of its claims begin with a comma.
func token(
    of issuer: String, _ further: String = "", by pair: DevelopmentKey = DeskKeys.one, kid: String? = "one",
    expires: Int64 = deskNow + 300
) -> String {
    let algorithm: SignatureAlgorithm = pair === DeskKeys.p256 ? .es256 : .edDSA
    let name = kid.map { #","kid":"\#($0)""# } ?? ""
    let header = #"{"alg":"\#(algorithm.name)"\#(name)}"#
    let claims = #"{"iss":"https://\#(issuer)","sub":"ada","exp":\#(expires)\#(further)}"#
    let input = Base64URL.encode(Array(header.utf8)) + "." + Base64URL.encode(Array(claims.utf8))
    return input + "." + Base64URL.encode(pair.sign(Array(input.utf8), algorithm: algorithm)!)
}

extension TokenDesk {
    /// Compiles a gate for the tokens of these issuers.
    func gate(_ issuers: String..., change: (inout TokenDeclaration) -> Void = { _ in }) throws -> Int {
        var declaration = TokenDeclaration()
        declaration.issuers = issuers
        change(&declaration)
        return try add(declaration)
    }

    func check(_ token: String, _ gate: Int, at time: Int64 = deskNow) -> Outcome {
        check(Array(token.utf8).span, gate: gate, nowSeconds: time)
    }

    func give(_ keys: [KeyMaterial], _ issuer: IssuerDeclaration) {
        replaceKeys(keys, source: issuer.source)
    }

    var linesText: String { String(decoding: lines, as: UTF8.self) }
    var subjectText: String { String(decoding: subject, as: UTF8.self) }
}
