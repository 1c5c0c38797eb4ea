internal import CSignatures

/// A key that checks signatures, with everything about it parsed, fetched and configured beforehand.
///
/// It belongs to one shard. A check allocates nothing besides what OpenSSL does inside, and takes no lock that another shard takes.
@safe
public final class VerificationKey {
    /// `kid`.
    public let identifier: String?
    /// What it verifies.
    public let algorithms: SignatureAlgorithms
    // Made in `init`, never nil, never replaced, freed in `deinit`; only this object uses it.
    private let handle: OpaquePointer

    /// Prepares a key. Finds out, too, whether its numbers are a key at all.
    public init(_ material: KeyMaterial) throws(KeyProblem) {
        let made: OpaquePointer?
        let bits = material.algorithms.rawValue
        // The octets are only read during each call, with the counts of their arrays.
        switch material.numbers {
        case .rsa(let modulus, let exponent):
            unsafe made = cs_rsa(modulus, modulus.count, exponent, exponent.count, bits)
        case .elliptic(let curve, let x, let y):
            unsafe made = cs_elliptic(curve.rawValue, x, x.count, y, y.count, bits)
        case .edwards(let octets): unsafe made = cs_edwards(octets, octets.count, bits)
        case .secret(let secret): unsafe made = cs_secret(secret.octets, secret.octets.count, bits)
        }
        guard let made = unsafe made else { throw .invalidNumbers }
        unsafe handle = made
        identifier = material.identifier
        algorithms = material.algorithms
    }

    deinit {
        unsafe cs_free(handle)
    }

    /// Whether the signature is this key's over the input by this algorithm. An ECDSA signature is `r` and `s`, each as long as the
    /// field (RFC 7518 §3.4). An algorithm that the key does not serve gives false.
    public func verify(
        _ signature: Span<UInt8>, over signingInput: Span<UInt8>, algorithm: SignatureAlgorithm
    ) -> Bool {
        guard algorithms.contains(algorithm), !signature.isEmpty else { return false }
        // Both spans live through the call, and nothing keeps a pointer to them.
        return unsafe signature.withUnsafeBufferPointer { signature in
            unsafe signingInput.withUnsafeBufferPointer { input in
                unsafe cs_verify(
                    handle, algorithm.rawValue, signature.baseAddress, signature.count, input.baseAddress, input.count)
            } == 1
        }
    }
}
