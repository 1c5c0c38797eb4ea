internal import CZlib

/// Why a body could not be unpacked.
public enum GzipError: Error, Sendable, Equatable {
    /// No gzip, or cut, or followed by something else.
    case malformed
    /// Larger than allowed.
    case tooLarge
    case outOfMemory
}

/// Unpacks whole bodies in the gzip format.
public enum GzipDecoder {
    /// The contents of one gzip member, at most this many bytes: small bodies can unpack to huge ones.
    public static func decode(_ bytes: Span<UInt8>, bytesMax: Int) throws(GzipError) -> [UInt8] {
        precondition(bytes.count < Int(UInt32.max) && bytesMax >= 0 && bytesMax < Int(UInt32.max))
        var stream = unsafe z_stream()
        // The stream stays in its place: only pointers within this function refer to it, and it is ended before it goes.
        return unsafe try withUnsafeMutablePointer(to: &stream) { stream throws(GzipError) in
            guard unsafe cz_gunzip_start(stream) == Z_OK else { throw .outOfMemory }
            defer { unsafe inflateEnd(stream) }
            return unsafe try inflateAll(stream, bytes, bytesMax)
        }
    }

    private static func inflateAll(
        _ stream: UnsafeMutablePointer<z_stream>, _ bytes: Span<UInt8>, _ bytesMax: Int
    ) throws(GzipError) -> [UInt8] {
        var result: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 16_384)
        var status = Z_OK
        unsafe bytes.withUnsafeBufferPointer { input in
            unsafe stream.pointee.next_in = input.baseAddress
            unsafe stream.pointee.avail_in = UInt32(input.count)
            // Both buffers are valid for the lengths given, until their closures end.
            while status == Z_OK && result.count <= bytesMax {
                let count = unsafe piece.withUnsafeMutableBufferPointer { output in
                    unsafe stream.pointee.next_out = output.baseAddress
                    unsafe stream.pointee.avail_out = UInt32(output.count)
                    status = unsafe inflate(stream, Z_NO_FLUSH)
                    return unsafe output.count - Int(stream.pointee.avail_out)
                }
                result.append(contentsOf: piece[..<count])
            }
        }
        guard result.count <= bytesMax else { throw .tooLarge }
        guard unsafe status == Z_STREAM_END && stream.pointee.avail_in == 0 else { throw .malformed }
        return result
    }
}
