internal import Kernel
internal import Signatures

/// One key of a set (a JWK, RFC 7517 §4, RFC 7518 §6, RFC 8037 §2).
enum KeyDescription {
    static func read(
        _ key: borrowing JSONValue, acceptsSecrets: Bool
    ) throws(SkippedKey.Reason) -> KeyMaterial {
        guard key.kind == .object else { throw .notAnObject }
        guard !key.hasDuplicates else { throw .duplicateMember }
        try checkUse(key)
        let algorithm = try algorithm(of: key)
        let numbers = try numbers(of: key, acceptsSecrets)
        let identifier = try identifier(of: key)
        do throws(KeyProblem) {
            let material = try KeyMaterial(identifier: identifier, numbers: numbers, algorithm: algorithm)
            // Only the attempt tells whether the numbers are a key.
            _ = try VerificationKey(material)
            return material
        } catch {
            throw .problem(error)
        }
    }

    private static func checkUse(_ key: borrowing JSONValue) throws(SkippedKey.Reason) {
        if let use = key.member("use"), !use.isText("sig") { throw .notForSignatures }
        guard let operations = key.member("key_ops") else { return }
        var elements = operations.elements
        while let operation = elements.next() {
            if operation.isText("verify") { return }
        }
        throw .notForSignatures
    }

    private static func algorithm(of key: borrowing JSONValue) throws(SkippedKey.Reason) -> SignatureAlgorithm? {
        guard let named = key.member("alg") else { return nil }
        guard let algorithm = SignatureAlgorithm(named: named) else { throw .unknownAlgorithm }
        return algorithm
    }

    private static func identifier(of key: borrowing JSONValue) throws(SkippedKey.Reason) -> String? {
        guard let identifier = key.member("kid") else { return nil }
        guard let text = identifier.string, text.utf8.count <= TokenLimits.keyIdentifierBytesMax else {
            throw .invalidMember("kid")
        }
        return text
    }

    private static func numbers(
        of key: borrowing JSONValue, _ acceptsSecrets: Bool
    ) throws(SkippedKey.Reason) -> KeyMaterial.Numbers {
        guard let type = key.member("kty") else { throw .unknownType }
        if type.isText("RSA") {
            return .rsa(modulus: try octets(key, "n"), exponent: try octets(key, "e"))
        }
        if type.isText("EC") {
            for curve in EllipticCurve.allCases where key.member("crv")?.isText(curve.name) == true {
                return .elliptic(curve, x: try octets(key, "x"), y: try octets(key, "y"))
            }
            throw .unknownCurve
        }
        if type.isText("OKP") {
            guard key.member("crv")?.isText("Ed25519") == true else { throw .unknownCurve }
            return .edwards(try octets(key, "x"))
        }
        if type.isText("oct") {
            guard acceptsSecrets else { throw .secret }
            return .secret(SharedSecret(try octets(key, "k")))
        }
        throw .unknownType
    }

    /// A member in base64url, at least one octet.
    private static func octets(
        _ key: borrowing JSONValue, _ name: StaticString
    ) throws(SkippedKey.Reason) -> [UInt8] {
        guard let text = key.member(name)?.plainText, !text.isEmpty,
            let count = Base64URL.decodedCount(text.count), count > 0
        else { throw .invalidMember(name.description) }
        var buffer = ByteBuffer(capacity: count)
        guard Base64URL.decode(text, into: &buffer) else { throw .invalidMember(name.description) }
        let octets = buffer.readable
        return octets.indices.map { octets[$0] }
    }
}
