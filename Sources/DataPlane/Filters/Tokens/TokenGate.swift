internal import Declarations
internal import HTTPModel
internal import Kernel
internal import Patterns
internal import Tokens

/// What a gate says of the claims of a valid token.
enum GateVerdict: Equatable {
    case allowed
    case refused(AccessFailure)
}

/// What one route asks of a token, compiled, for one shard.
final class TokenGate {
    /// Indices of the issuers whose tokens are accepted.
    let issuers: [Int]
    let isOptional: Bool
    private let access: [AccessGate]
    private let headers: [(name: [UInt8], path: ClaimPath)]
    /// `scope="…"` of a refusal; empty without scopes.
    let scopeText: String

    /// Octets at most of a claim's text in a header field; a longer one is left out.
    static let headerValueBytesMax = 4_096

    private let keptClaims: [ClaimPath?]

    /// - Parameters:
    ///   - declared: all declared issuers, by whose order the indices go.
    ///   - claims: paths of claims that other filters want.
    init(
        _ declaration: TokenDeclaration, issuers declared: [IssuerDeclaration], claims: [String]
    ) throws(PatternError) {
        keptClaims = claims.map { ClaimPath($0) }
        issuers = declaration.issuers.compactMap { id in declared.firstIndex { $0.id == id } }
        isOptional = declaration.isOptional
        var access: [AccessGate] = []
        for index in issuers {
            var requirements = AccessRequirements()
            requirements.scopes = declaration.scopes
            requirements.roles = declaration.roles
            requirements.rolesWanted = declaration.needsAllRoles ? .all : .any
            let paths = declared[index].rolePaths.compactMap { ClaimPath($0) }
            requirements.rolePaths = paths.isEmpty ? ClaimPath.roles(audiences: declared[index].audiences) : paths
            requirements.claims = declaration.claims.compactMap(Self.requirement)
            requirements.claimsWanted = declaration.anyClaim ? .any : .all
            access.append(
                try AccessGate(requirements) { expression throws(PatternError) in
                    PatternMatcher(try Pattern(expression))
                })
        }
        self.access = access
        scopeText = declaration.scopes.joined(separator: " ")
        headers = declaration.claimHeaders.compactMap { header in
            ClaimPath(header.path).map { (name: Array("\(header.name): ".utf8), path: $0) }
        }
    }

    private static func requirement(_ claim: ClaimConditionDeclaration) -> ClaimRequirement? {
        guard let path = ClaimPath(claim.path) else { return nil }
        switch claim.condition {
        case .present: return ClaimRequirement(path: path, test: .present)
        case .oneOf(let texts): return ClaimRequirement(path: path, test: .oneOf(texts))
        case .regex(let expression): return ClaimRequirement(path: path, test: .matches(expression))
        }
    }

    /// Judges the claims of a valid token of this issuer.
    func judge(_ claims: borrowing JSONValue, issuer: Int) -> GateVerdict {
        guard let place = issuers.firstIndex(of: issuer) else { return .refused(.claimMismatch) }
        switch access[place].judge(claims) {
        case .allowed: return .allowed
        case .refused(let failure): return .refused(failure)
        }
    }

    /// The field lines that tell the upstream of the claims. What is no text, number or list of such, or holds a control character or,
    /// in a list, a comma, is left out: nothing that a token says may become a line of its own.
    func lines(_ claims: borrowing JSONValue) -> [UInt8] {
        var lines: [UInt8] = []
        for (name, path) in headers {
            guard let value = claims.value(at: path), let text = Self.text(value), Self.isFieldValue(text) else {
                continue
            }
            lines += name
            lines += text
            lines += [0x0D, 0x0A]
        }
        return lines
    }

    /// The claims that other filters want.
    func values(_ claims: borrowing JSONValue) -> [[UInt8]] {
        var values: [[UInt8]] = []
        for path in keptClaims {
            var text: [UInt8] = []
            if let path, let value = claims.value(at: path) {
                text = Self.text(value).map { Array($0.prefix(Self.headerValueBytesMax)) } ?? []
            }
            values.append(text)
        }
        return values
    }

    private static func text(_ value: borrowing JSONValue) -> [UInt8]? {
        switch value.kind {
        case .string: return value.string.map { Array($0.utf8) }
        case .number, .boolean:
            let literal = value.literal
            return literal.indices.map { literal[$0] }
        case .array:
            var joined: [UInt8] = []
            var elements = value.elements
            while let element = elements.next() {
                // An element with a comma would be read as two.
                guard element.kind != .array, let text = text(element), !text.contains(0x2C) else { return nil }
                if !joined.isEmpty { joined.append(0x2C) }
                joined += text
            }
            return joined
        case .object, .null: return nil
        }
    }

    private static func isFieldValue(_ text: [UInt8]) -> Bool {
        guard let first = text.first, let last = text.last, text.count <= headerValueBytesMax else { return false }
        return first != 0x20 && last != 0x20 && text.allSatisfy { $0 >= 0x20 && $0 != 0x7F }
    }
}

/// An expression over a claim, by PCRE2 with its bound on work.
private final class PatternMatcher: ClaimMatcher {
    private let pattern: Pattern

    init(_ pattern: Pattern) {
        self.pattern = pattern
    }

    func matches(_ text: Span<UInt8>) -> Bool { pattern.matchesWhole(text) == .matched }
}
