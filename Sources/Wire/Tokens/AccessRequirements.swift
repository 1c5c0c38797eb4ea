/// What a route asks of a valid token. A plain value, as it is configured; what is empty asks nothing.
public struct AccessRequirements: Sendable, Equatable {
    /// How many of several conditions must hold.
    public enum Quantity: Sendable, Equatable {
        case any, all
    }

    /// All of these must be granted.
    public var scopes: [String] = []
    /// Where scopes stand: a text with spaces between them, or an array.
    public var scopePath = ClaimPath(names: ["scope"])
    public var roles: [String] = []
    public var rolesWanted = Quantity.any
    /// Arrays of roles (or a text with one of them); a role counts wherever it stands.
    public var rolePaths: [ClaimPath] = [.realmRoles]
    public var claims: [ClaimRequirement] = []
    public var claimsWanted = Quantity.all

    public init() {}
}

extension ClaimPath {
    /// Where Keycloak writes the roles of the realm.
    public static let realmRoles = ClaimPath(names: ["realm_access", "roles"])

    /// Where Keycloak writes the roles of one client.
    public static func clientRoles(of client: String) -> ClaimPath {
        ClaimPath(names: ["resource_access", client, "roles"])
    }

    /// Where roles stand unless the configuration says otherwise.
    public static func roles(audiences: [String]) -> [ClaimPath] {
        [realmRoles] + audiences.map { clientRoles(of: $0) }
    }
}

/// One condition on a claim. It holds for an array when it holds for one of the elements; numbers and booleans are compared as they
/// are written.
public struct ClaimRequirement: Sendable, Equatable {
    public enum Test: Sendable, Equatable {
        /// The claim is there and not null.
        case present
        case equal(String)
        case oneOf([String])
        /// A regular expression over the whole text.
        case matches(String)
    }

    public var path: ClaimPath
    public var test: Test

    public init(path: ClaimPath, test: Test) {
        self.path = path
        self.test = test
    }
}

/// Tells whether a text is what an expression asks for. Whoever compiles expressions provides it; a match that gave up is no match.
public protocol ClaimMatcher: AnyObject {
    func matches(_ text: Span<UInt8>) -> Bool
}
