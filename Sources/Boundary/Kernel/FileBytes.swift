internal import CLinux

/// Whole files and folders, for the control plane: every call may block.
public enum FileBytes {
    /// Why a file was not read.
    public enum Failure: Error, Sendable, Equatable, CustomStringConvertible {
        /// The system refused.
        case system(SystemError)
        /// It has more octets than the limit.
        case tooLarge(limit: Int)

        /// For people.
        public var description: String {
            switch self {
            case .system(let error): "\(error)"
            case .tooLarge(let limit): "the file has more than \(limit) octets"
            }
        }
    }

    private static let pieceBytes = 65_536

    /// The content of a file of at most `limit` octets. What is read is bounded, whatever the file claims to be.
    public static func read(path: String, limit: Int) throws(Failure) -> [UInt8] {
        var size: Int64 = 0
        // The pointer is valid during the call.
        let number = unsafe cl_file_open(path, &size)
        guard number >= 0 else { throw .system(SystemError(code: -number)) }
        let descriptor = Descriptor(owning: number)
        guard size <= Int64(limit) else { throw .tooLarge(limit: limit) }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(Int(size) + 1)
        while true {
            let room = max(Int(size) + 1 - bytes.count, pieceBytes)
            let piece = try piece(descriptor, atMost: room)
            if piece.isEmpty { return bytes }
            guard bytes.count + piece.count <= limit else { throw .tooLarge(limit: limit) }
            bytes.append(contentsOf: piece)
        }
    }

    private static func piece(_ descriptor: borrowing Descriptor, atMost room: Int) throws(Failure) -> [UInt8] {
        var failure: SystemError?
        let number = descriptor.number
        let piece = unsafe [UInt8](unsafeUninitializedCapacity: room) { target, count in
            // `target` has room for `room` octets, of which the call fills the first `result`.
            let result = unsafe cl_file_read(number, target.baseAddress, room)
            if result < 0 { failure = SystemError(code: Int32(truncatingIfNeeded: -result)) }
            count = max(0, result)
        }
        if let failure { throw .system(failure) }
        return piece
    }

    /// The path without links, `.` and `..`; it must exist.
    public static func realPath(_ path: String) throws(SystemError) -> String {
        var text = [CChar](repeating: 0, count: 4_096)
        // The array is as long as the call is told.
        _ = try SystemError.check(unsafe cl_real_path(path, &text, text.count))
        return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// Removes a file; that there is none is no failure.
    public static func remove(path: String) throws(SystemError) {
        let result = unsafe cl_file_remove(path)
        let error = SystemError(code: -result)
        if result < 0 && !error.isNotFound { throw error }
    }

    /// Makes a folder that only this user can enter, if there is none. Throws when it belongs to someone else, or others may write
    /// there.
    public static func preparePrivateFolder(_ path: String) throws(SystemError) {
        _ = try SystemError.check(unsafe cl_private_directory(path))
    }
}
