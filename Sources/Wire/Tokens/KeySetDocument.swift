internal import Kernel
public import Signatures

/// A set of published keys (JWKS, RFC 7517 §5), read key by key: a bad one costs itself alone.
public struct KeySetDocument: Sendable, Equatable {
    /// Octets of a document. With certificates a key takes 3 KiB.
    public static let bytesMax = 262_144
    /// Keys that are kept: more than any rotation leaves behind.
    public static let keysMax = 64

    /// The keys that can verify, in their order.
    public private(set) var keys: [KeyMaterial] = []
    /// The others, as far as `keysMax` of them.
    public private(set) var skipped: [SkippedKey] = []

    static let limits = JSONLimits(bytesMax: bytesMax, depthMax: 8, nodesMax: 8_192, membersMax: 64)

    /// Reads a document. Secrets (`oct`) are taken only when asked for: in published keys they are a mistake.
    public init(_ document: Span<UInt8>, acceptsSecrets: Bool = false) throws(KeySetProblem) {
        var reader = JSONReader(limits: Self.limits, refusesDuplicates: false)
        do throws(JSONFailure) { try reader.read(document) } catch { throw .notReadable(error) }
        let root = reader.object(of: document)
        guard !root.hasDuplicates, let list = root.member("keys"), list.kind == .array else { throw .noKeys }
        var elements = list.elements
        var position = 0
        while let element = elements.next() {
            add(element, at: position, acceptsSecrets)
            position += 1
        }
    }

    private mutating func add(_ element: borrowing JSONValue, at position: Int, _ acceptsSecrets: Bool) {
        do throws(SkippedKey.Reason) {
            guard keys.count < Self.keysMax else { throw .tooMany }
            keys.append(try KeyDescription.read(element, acceptsSecrets: acceptsSecrets))
        } catch {
            guard skipped.count < Self.keysMax else { return }
            let identifier = element.member("kid")?.string.map { String($0.prefix(64)) }
            skipped.append(SkippedKey(position: position, identifier: identifier, reason: error))
        }
    }
}

/// Why a document is no set of keys.
public enum KeySetProblem: Error, Sendable, Equatable {
    case notReadable(JSONFailure)
    /// There is no array named `keys`.
    case noKeys
}

/// A key that is not used.
public struct SkippedKey: Sendable, Equatable {
    public enum Reason: Error, Sendable, Equatable {
        case notAnObject
        /// A member occurs twice.
        case duplicateMember
        /// `kty` is missing or unknown.
        case unknownType
        case unknownCurve
        /// `alg` is none that verifies, such as `RSA-OAEP`.
        case unknownAlgorithm
        /// `use` or `key_ops` say that it does something else.
        case notForSignatures
        /// A secret in a set of public keys.
        case secret
        /// This member is missing, no text, or no base64url.
        case invalidMember(String)
        case problem(KeyProblem)
        /// Beyond `KeySetDocument.keysMax`.
        case tooMany
    }

    /// Its place in the array, from 0.
    public var position: Int
    /// `kid`, at most 64 characters of it. It is the issuer's text: escape it where it is shown.
    public var identifier: String?
    public var reason: Reason

    public init(position: Int, identifier: String?, reason: Reason) {
        self.position = position
        self.identifier = identifier
        self.reason = reason
    }
}
