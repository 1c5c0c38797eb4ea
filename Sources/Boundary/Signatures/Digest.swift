internal import CSignatures

/// A SHA-256 digest.
public struct Digest256: Sendable, Hashable {
    // As the octets lie in memory; compared, never shown.
    private var words: (UInt64, UInt64, UInt64, UInt64)

    init(_ words: (UInt64, UInt64, UInt64, UInt64)) {
        self.words = words
    }

    /// From 32 octets; `nil` for another number.
    public init?(_ octets: [UInt8]) {
        guard octets.count == 32 else { return nil }
        func word(_ from: Int) -> UInt64 {
            UInt64(littleEndian: octets[from..<from + 8].reversed().reduce(0) { $0 << 8 | UInt64($1) })
        }
        words = (word(0), word(8), word(16), word(24))
    }

    public static func == (left: Digest256, right: Digest256) -> Bool { left.words == right.words }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(words.0)
        hasher.combine(words.1)
    }
}

/// Computes digests by OpenSSL, one after the other, each with one allocation of the library's own. For one thread.
@safe
public final class Digester {
    // Valid while the object lives.
    private let handle: OpaquePointer

    /// `nil` when the library has no memory.
    public init?() {
        guard let handle = unsafe cs_new_digester() else { return nil }
        unsafe self.handle = handle
    }

    deinit { unsafe cs_free_digester(handle) }

    /// SHA-256 of these octets; `nil` when the library fails.
    public func sha256(_ octets: Span<UInt8>) -> Digest256? {
        var words: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
        // The octets are valid during the call, and the four words lie side by side.
        let isDone = unsafe octets.withUnsafeBufferPointer { source in
            unsafe withUnsafeMutableBytes(of: &words) { target in
                unsafe cs_sha256(
                    handle, source.baseAddress, source.count, target.bindMemory(to: UInt64.self).baseAddress)
            }
        }
        return isDone == 1 ? Digest256(words) : nil
    }
}
