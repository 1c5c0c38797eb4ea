internal import Signatures

/// The keys of one issuer, as a shard keeps them.
///
/// A token that names its key is checked with the keys of that name alone. One that does not is checked with the only key that can
/// serve its algorithm, or else with those that have no name themselves.
struct KeyTable {
    private struct Entry {
        let identifier: [UInt8]?
        let key: VerificationKey
    }

    private let entries: [Entry]

    /// Keys that cannot be prepared are left out; `KeySetDocument` has told why.
    init(_ materials: [KeyMaterial]) {
        entries = materials.compactMap { material in
            guard let key = try? VerificationKey(material) else { return nil }
            return Entry(identifier: material.identifier.map { Array($0.utf8) }, key: key)
        }
    }

    /// Finds the key and checks the signature.
    func verify(
        _ signature: Span<UInt8>, over signingInput: Span<UInt8>, algorithm: SignatureAlgorithm,
        identifier: borrowing JSONValue?
    ) throws(TokenFailure) {
        guard let identifier = copy identifier else {
            return try verifyUnnamed(signature, over: signingInput, algorithm: algorithm)
        }
        // What stands in the document is at least as long as what it means.
        guard identifier.kind == .string, identifier.literal.count <= TokenLimits.keyIdentifierBytesMax else {
            throw .malformed
        }
        var isKnown = false
        var tried = 0
        for entry in entries {
            guard let name = entry.identifier, identifier.isText(name.span) else { continue }
            isKnown = true
            guard entry.key.algorithms.contains(algorithm), tried < TokenLimits.keysTriedMax else { continue }
            tried += 1
            if entry.key.verify(signature, over: signingInput, algorithm: algorithm) { return }
        }
        guard isKnown else { throw .unknownKey(identifier: identifier.string ?? "") }
        throw tried > 0 ? .badSignature : .algorithmNotAllowed
    }

    private func verifyUnnamed(
        _ signature: Span<UInt8>, over signingInput: Span<UInt8>, algorithm: SignatureAlgorithm
    ) throws(TokenFailure) {
        var suitable = 0
        for entry in entries where entry.key.algorithms.contains(algorithm) { suitable += 1 }
        guard suitable > 0 else { throw entries.isEmpty ? .keyNotNamed : .algorithmNotAllowed }
        var tried = 0
        for entry in entries where entry.key.algorithms.contains(algorithm) {
            guard suitable == 1 || entry.identifier == nil, tried < TokenLimits.keysTriedMax else { continue }
            tried += 1
            if entry.key.verify(signature, over: signingInput, algorithm: algorithm) { return }
        }
        throw tried > 0 ? .badSignature : .keyNotNamed
    }
}
