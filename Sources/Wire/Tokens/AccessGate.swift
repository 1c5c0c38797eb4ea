internal import Kernel

/// Requirements as a shard keeps them, ready to judge claims.
public final class AccessGate {
    private enum Test {
        case present
        case oneOf([[UInt8]])
        case matches(any ClaimMatcher)
    }

    private let scopes: [[UInt8]]
    private let scopePath: ClaimPath
    private let roles: [[UInt8]]
    private let rolesWanted: AccessRequirements.Quantity
    private let rolePaths: [ClaimPath]
    private let claims: [(path: ClaimPath, test: Test)]
    private let claimsWanted: AccessRequirements.Quantity
    /// The scopes that are needed, with spaces between them, for the `scope` of an answer (RFC 6750 §3).
    public let scopeText: String

    /// Compiles requirements, expressions by `compile`.
    public init<Failure: Error>(
        _ requirements: AccessRequirements, compile: (String) throws(Failure) -> any ClaimMatcher
    ) throws(Failure) {
        var claims: [(path: ClaimPath, test: Test)] = []
        for claim in requirements.claims {
            let test: Test =
                switch claim.test {
                case .present: .present
                case .equal(let text): .oneOf([Array(text.utf8)])
                case .oneOf(let texts): .oneOf(texts.map { Array($0.utf8) })
                case .matches(let expression): .matches(try compile(expression))
                }
            claims.append((path: claim.path.copied(), test: test))
        }
        self.claims = claims
        claimsWanted = requirements.claimsWanted
        scopes = requirements.scopes.map { Array($0.utf8) }
        scopePath = requirements.scopePath.copied()
        roles = requirements.roles.map { Array($0.utf8) }
        rolesWanted = requirements.rolesWanted
        rolePaths = requirements.rolePaths.map { $0.copied() }
        scopeText = requirements.scopes.joined(separator: " ")
    }

    /// Judges the claims of a valid token.
    public func judge(_ claims: borrowing JSONValue) -> AccessVerdict {
        for scope in scopes where !isGranted(scope.span, claims.value(at: scopePath)) {
            return .refused(.insufficientScope)
        }
        guard holds(rolesWanted, roles, { hasRole($0.span, claims) }) else { return .refused(.missingRole) }
        guard holds(claimsWanted, self.claims, { Self.passes($0.test, claims.value(at: $0.path)) }) else {
            return .refused(.claimMismatch)
        }
        return .allowed
    }

    private func holds<Condition>(
        _ wanted: AccessRequirements.Quantity, _ conditions: [Condition], _ isMet: (Condition) -> Bool
    ) -> Bool {
        switch wanted {
        case .all: conditions.allSatisfy(isMet)
        case .any: conditions.isEmpty || conditions.contains(where: isMet)
        }
    }

    private func isGranted(_ scope: Span<UInt8>, _ claim: borrowing JSONValue?) -> Bool {
        guard let claim = copy claim else { return false }
        if let list = claim.plainText { return Self.contains(list, scope) }
        if claim.kind == .string { return Self.contains(claim.octets().span, scope) }
        return Self.isAmong(claim, scope)
    }

    /// Whether a word stands in a list with spaces between its words.
    private static func contains(_ list: Span<UInt8>, _ word: Span<UInt8>) -> Bool {
        var start = 0
        while start < list.count {
            let end = ByteSearch.firstIndex(of: 0x20, in: list, from: start)
            if ByteSearch.equal(list.extracting(start..<end), word) { return true }
            start = end + 1
        }
        return false
    }

    private func hasRole(_ role: Span<UInt8>, _ claims: borrowing JSONValue) -> Bool {
        for path in rolePaths {
            guard let roles = claims.value(at: path) else { continue }
            if roles.isText(role) || Self.isAmong(roles, role) { return true }
        }
        return false
    }

    private static func isAmong(_ array: borrowing JSONValue, _ text: Span<UInt8>) -> Bool {
        var elements = array.elements
        while let element = elements.next() {
            if element.isText(text) { return true }
        }
        return false
    }

    private static func passes(_ test: Test, _ claim: borrowing JSONValue?) -> Bool {
        guard let claim = copy claim, claim.kind != .null else { return false }
        if case .present = test { return true }
        guard claim.kind == .array else { return passesAlone(test, claim) }
        var elements = claim.elements
        while let element = elements.next() {
            if passesAlone(test, element) { return true }
        }
        return false
    }

    private static func passesAlone(_ test: Test, _ value: borrowing JSONValue) -> Bool {
        switch value.kind {
        case .object, .array, .null: return false
        case .string, .number, .boolean: break
        }
        switch test {
        case .present: return true
        case .oneOf(let texts): return texts.contains { equals(value, $0.span) }
        case .matches(let matcher):
            // Texts with escapes are rare, and worth an allocation.
            if value.kind == .string, value.plainText == nil { return matcher.matches(value.octets().span) }
            return matcher.matches(value.literal)
        }
    }

    private static func equals(_ value: borrowing JSONValue, _ text: Span<UInt8>) -> Bool {
        value.kind == .string ? value.isText(text) : ByteSearch.equal(value.literal, text)
    }
}

/// What came of judging claims.
public enum AccessVerdict: Sendable, Hashable {
    case allowed
    case refused(AccessFailure)
}

/// Why a valid token does not suffice.
public enum AccessFailure: Sendable, Hashable {
    case insufficientScope
    case missingRole
    case claimMismatch

    /// The error of RFC 6750 §3.1, which goes with status 403.
    public var errorWord: StaticString { "insufficient_scope" }

    /// A sentence for the client, ready for `error_description`.
    public var summary: StaticString {
        switch self {
        case .insufficientScope: "The token lacks a required scope"
        case .missingRole: "The token lacks a required role"
        case .claimMismatch: "The claims of the token do not allow this"
        }
    }

    /// A word for metrics and logs.
    public var label: StaticString {
        switch self {
        case .insufficientScope: "insufficient_scope"
        case .missingRole: "missing_role"
        case .claimMismatch: "claim_mismatch"
        }
    }
}
