internal import CSignatures

/// Digests by OpenSSL.
public enum Digest {
    /// SHA-256 of these octets, 32 octets; all 0 when the library has no memory, which no text's is.
    public static func sha256(_ octets: Span<UInt8>) -> [UInt8] {
        var digest = [UInt8](repeating: 0, count: 32)
        // Both pointers are valid during the call; the second has room for 32 octets.
        _ = unsafe octets.withUnsafeBufferPointer { source in
            unsafe digest.withUnsafeMutableBufferPointer { target in
                unsafe cs_sha256(source.baseAddress, source.count, target.baseAddress)
            }
        }
        return digest
    }
}
