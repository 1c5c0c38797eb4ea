internal import CZlib

/// Compresses whole bodies into the gzip format (RFC 1952) with zlib. Its window (a quarter of a megabyte) is allocated once.
///
/// Owned by one thread.
@safe
public final class GzipEncoder {
    // Never moved: zlib keeps its address. Initialised in `init`, ended and freed in `deinit`.
    private let stream: UnsafeMutablePointer<z_stream>

    /// `nil` without memory. The level is 1 (fast) to 9 (small).
    public init?(level: Int = 6) {
        precondition(level >= 1 && level <= 9)
        unsafe stream = .allocate(capacity: 1)
        // The storage holds one stream, which the call initialises.
        guard unsafe cz_gzip_start(stream, Int32(level)) == Z_OK else {
            unsafe stream.deallocate()
            return nil
        }
    }

    deinit {
        unsafe deflateEnd(stream)
        unsafe stream.deallocate()
    }

    /// The bytes as one gzip member; less than 4 GiB.
    public func encode(_ bytes: Span<UInt8>) -> [UInt8] {
        precondition(bytes.count < Int(UInt32.max))
        // The stream is live; resetting it forgets the last body.
        let reset = unsafe deflateReset(stream)
        precondition(reset == Z_OK, "a live stream can be used again")
        let bound = unsafe Int(deflateBound(stream, UInt(bytes.count)))
        return unsafe bytes.withUnsafeBufferPointer { input in
            // An array of at most `bound` bytes: enough for any input of this length, so one call ends the stream.
            unsafe [UInt8](unsafeUninitializedCapacity: bound) { output, count in
                unsafe stream.pointee.next_in = input.baseAddress
                unsafe stream.pointee.avail_in = UInt32(input.count)
                unsafe stream.pointee.next_out = output.baseAddress
                unsafe stream.pointee.avail_out = UInt32(bound)
                let result = unsafe deflate(stream, Z_FINISH)
                precondition(result == Z_STREAM_END, "the bound leaves room for everything")
                count = unsafe bound - Int(stream.pointee.avail_out)
                // Neither buffer outlives this call, so the stream must not remember them.
                unsafe stream.pointee.next_in = nil
                unsafe stream.pointee.next_out = nil
            }
        }
    }
}
