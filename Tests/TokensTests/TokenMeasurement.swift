import Foundation
import Signatures
import Testing
import Tokens

/// Prints how long a token takes that was not seen before, beside its signature alone. Runs only when asked, and is worth reading only
/// in release: `MARTLET_MEASURE=1 swift test -c release --filter TokenMeasurement`; compare with `openssl speed rsa2048`.
@Suite(.enabled(if: ProcessInfo.processInfo.environment["MARTLET_MEASURE"] != nil), .serialized)
struct TokenMeasurement {
    private static let kinds: [(DevelopmentKey.Kind, SignatureAlgorithm)] = [
        (.rsa(modulusBits: 2_048), .rs256), (.rsa(modulusBits: 2_048), .ps256), (.elliptic(.p256), .es256),
        (.edwards, .edDSA),
    ]

    /// The least of five averages.
    private func microseconds(_ body: () -> Void) -> Double {
        let count = 5_000
        var least = Duration.seconds(1_000)
        for _ in 0..<5 {
            least = min(least, ContinuousClock().measure { for _ in 0..<count { body() } })
        }
        return least / .microseconds(count)
    }

    @Test(arguments: kinds)
    func `the whole check and its signature`(kind: DevelopmentKey.Kind, algorithm: SignatureAlgorithm) throws {
        let pair = try #require(DevelopmentKey(kind))
        let text = sign(header: #"{"alg":"\#(algorithm.name)","typ":"JWT","kid":"one"}"#, by: pair, algorithm)
        let token = Array(text.utf8)
        let input = token[..<token.lastIndex(of: UInt8(ascii: "."))!]
        let signature = pair.sign(Array(input), algorithm: algorithm)!
        let key = try VerificationKey(material(pair, "one"))
        let verifier = TokenVerifier(
            policy: TokenPolicy(issuer: issuer, audiences: ["orders"]), keys: [try material(pair, "one")])
        var opened = OpenedToken()
        let inputBytes = Array(input)
        let alone = microseconds {
            precondition(key.verify(signature.span, over: inputBytes.span, algorithm: algorithm))
        }
        let whole = microseconds {
            let verdict = verifier.verify(token.span, nowSeconds: now, into: &opened)
            precondition(verdict == .valid(expiresAtSeconds: 1_700_000_300))
        }
        print("\(algorithm.name): \(token.count) octets, signature \(alone) us, whole token \(whole) us")
    }
}
