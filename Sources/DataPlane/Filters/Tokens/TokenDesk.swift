public import Declarations
internal import Kernel
public import Patterns
public import Signatures
public import Tokens

/// Checks the tokens of one shard: verifiers of all issuers, what the routes ask, and the tokens seen before.
///
/// One shard's own (law 1). The time is an argument; keys come from whoever fetches them.
public final class TokenDesk {
    /// What came of a token.
    public enum Outcome: Sendable, Equatable {
        /// The request may go on; `lines` and `subject` are those of the token, empty without one.
        case allowed
        /// There is no token, and one is needed.
        case missing
        /// The token is no good: 401.
        case invalid(TokenFailure)
        /// The token is good, and not enough: 403.
        case forbidden(AccessFailure)
        /// A key is not known that may be there when these issuers are asked again.
        case unknownKey([Int])
        /// No key of the issuer was ever fetched.
        case noKeys([Int])
    }

    private struct Issuer {
        let source: String
        let policy: TokenPolicy
        var verifier: TokenVerifier?
        var keys: [KeyMaterial] = []
        /// Counts the changes of the keys.
        var generation = 0
    }

    private var issuers: [Issuer]
    private var gates: [TokenGate] = []
    private var cache = TokenCache()
    private var opened = OpenedToken()
    /// Field lines for the upstream, of the token that was allowed last.
    public private(set) var lines: [UInt8] = []
    /// The claim `sub` of the token that was allowed last.
    public private(set) var subject: [UInt8] = []

    /// The claims that other filters want, of the token that was allowed last; empty without one.
    public private(set) var values: [[UInt8]] = []

    /// Octets of a subject that are kept.
    static let subjectBytesMax = 256

    /// For these issuers; nothing is known of their keys yet.
    public init(_ declarations: [IssuerDeclaration]) {
        issuers = declarations.map { declaration in
            let named = declaration.algorithms.compactMap { SignatureAlgorithm(name: $0) }
            let algorithms = named.reduce(into: SignatureAlgorithms()) { $0.formUnion(SignatureAlgorithms($1)) }
            return Issuer(
                source: declaration.source,
                policy: TokenPolicy(
                    issuer: declaration.issuer, audiences: declaration.audiences,
                    algorithms: named.isEmpty ? .asymmetric : algorithms,
                    clockSkewSeconds: Int64(declaration.clockSkewSeconds)))
        }
        self.declarations = declarations
    }

    private let declarations: [IssuerDeclaration]

    /// True when no route asks for tokens.
    public var isEmpty: Bool { gates.isEmpty }

    /// Compiles what a route asks; the number is what `check` wants.
    /// - Parameter claims: paths of claims that other filters want; `values` has them after a check.
    public func add(_ declaration: TokenDeclaration, claims: [String] = []) throws(PatternError) -> Int {
        gates.append(try TokenGate(declaration, issuers: declarations, claims: claims))
        return gates.count - 1
    }

    /// The scopes that a gate asks for, with spaces between them.
    public func scopeText(gate: Int) -> String { gates[gate].scopeText }

    /// Where the keys of an issuer come from.
    public func source(ofIssuer issuer: Int) -> String { issuers[issuer].source }

    /// Some issuer's keys come from there.
    public func hasSource(_ source: String) -> Bool { issuers.contains { $0.source == source } }

    /// These keys are in force from now on, for all issuers that have them from this source.
    public func replaceKeys(_ keys: [KeyMaterial], source: String) {
        for index in issuers.indices where issuers[index].source == source {
            // The same ones change nothing; tokens that were found good stay so.
            if issuers[index].verifier != nil, issuers[index].keys == keys { continue }
            issuers[index].keys = keys
            issuers[index].generation += 1
            if let verifier = issuers[index].verifier {
                verifier.replaceKeys(keys)
            } else {
                issuers[index].verifier = TokenVerifier(policy: issuers[index].policy, keys: keys)
            }
        }
    }

    /// Checks what a request has.
    /// - Parameter token: empty without one.
    public func check(_ token: Span<UInt8>, gate number: Int, nowSeconds: Int64) -> Outcome {
        let gate = gates[number]
        lines = []
        subject = []
        values = []
        if token.isEmpty { return gate.isOptional ? .allowed : .missing }
        let issuers = issuers
        if let (known, subject) = cache.judgement(
            of: token, gate: number, nowSeconds: nowSeconds, keyGeneration: { issuers[$0].generation })
        {
            return conclude(known, subject: subject)
        }
        return verify(token, gate, number, nowSeconds)
    }

    private func conclude(_ judgement: TokenCache.Judgement, subject: [UInt8]) -> Outcome {
        self.subject = subject
        switch judgement.verdict {
        case .refused(let failure): return .forbidden(failure)
        case .allowed:
            lines = judgement.lines
            values = judgement.values
            return .allowed
        }
    }

    private func verify(_ token: Span<UInt8>, _ gate: TokenGate, _ number: Int, _ nowSeconds: Int64) -> Outcome {
        var failure: TokenFailure?
        var withoutKey: [Int] = []
        var withoutKeys: [Int] = []
        for index in gate.issuers {
            guard let verifier = issuers[index].verifier else {
                withoutKeys.append(index)
                continue
            }
            switch verifier.verify(token, nowSeconds: nowSeconds, into: &opened) {
            case .valid(let expires):
                return judge(token, gate, number, issuer: index, expires: expires)
            case .refused(.unknownKey), .refused(.keyNotNamed): withoutKey.append(index)
            case .refused(let refusal):
                guard Self.isAnothersPerhaps(refusal) else { return .invalid(refusal) }
                // The least surprising of several refusals is that of the issuer who knows the key.
                failure = refusal == .wrongIssuer ? failure ?? refusal : refusal
            }
        }
        if let failure, withoutKey.isEmpty, withoutKeys.isEmpty { return .invalid(failure) }
        return withoutKeys.isEmpty ? .unknownKey(withoutKey) : .noKeys(withoutKeys + withoutKey)
    }

    /// Refusals that say nothing when the token is another issuer's: that one's key may be called the same, or have no name; it may be
    /// allowed what this one is not; both may share their keys. All others follow from the token alone, or from claims behind a good
    /// signature that name the issuer who refuses.
    private static func isAnothersPerhaps(_ refusal: TokenFailure) -> Bool {
        switch refusal {
        case .algorithmNotAllowed, .badSignature, .wrongIssuer: true
        default: false
        }
    }

    private func judge(
        _ token: Span<UInt8>, _ gate: TokenGate, _ number: Int, issuer: Int, expires: Int64
    ) -> Outcome {
        let read = opened.withClaims { claims -> (TokenCache.Judgement, subject: [UInt8]) in
            let verdict = gate.judge(claims, issuer: issuer)
            let judgement = TokenCache.Judgement(
                gate: number, verdict: verdict, lines: verdict == .allowed ? gate.lines(claims) : [],
                values: verdict == .allowed ? gate.values(claims) : [])
            return (judgement, Array((claims.member("sub")?.string ?? "").utf8.prefix(Self.subjectBytesMax)))
        }
        guard let (judgement, subject) = read else { return .invalid(.malformed) }
        cache.add(
            judgement, of: token,
            TokenCache.Visa(
                issuer: issuer, keyGeneration: issuers[issuer].generation,
                validUntilSeconds: expires + issuers[issuer].policy.clockSkewSeconds, subject: subject))
        return conclude(judgement, subject: subject)
    }
}
