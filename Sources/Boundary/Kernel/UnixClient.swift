internal import CLinux
internal import Glibc

/// One question to a process of this machine over its Unix socket, and its answer. Blocks: for commands.
public enum UnixClient {
    /// Octets of an answer that are kept.
    public static let answerBytesMax = 64 * 1_048_576

    /// Sends the octets and collects the answer until the other side closes, or nothing comes for this long.
    public static func ask(
        path: String, _ question: [UInt8], timeoutMilliseconds: Int
    ) throws(SystemError) -> [UInt8] {
        let socket = TCPSocket(Descriptor(owning: try SystemError.check(unsafe cl_connect_unix(path))))
        try send(question, socket)
        var answer: [UInt8] = []
        var buffer = ByteBuffer(capacity: 65_536)
        while answer.count < answerBytesMax {
            guard cl_wait_readable(socket.descriptor.number, Int32(clamping: timeoutMilliseconds)) > 0 else {
                throw SystemError(code: ETIMEDOUT)
            }
            buffer.clear()
            switch socket.receive(into: &buffer, atMost: buffer.capacity) {
            case .received:
                let bytes = buffer.readable
                for index in bytes.indices { answer.append(bytes[index]) }
            case .wouldBlock: continue
            case .ended: return answer
            case .failed(let error): throw error
            }
        }
        return answer
    }

    /// True when some process listens there.
    public static func isAnswered(path: String) -> Bool {
        let number = unsafe cl_connect_unix(path)
        guard number >= 0 else { return false }
        _ = Descriptor(owning: number)
        return true
    }

    private static func send(_ bytes: [UInt8], _ socket: borrowing TCPSocket) throws(SystemError) {
        var sent = 0
        while sent < bytes.count {
            switch socket.send(bytes.span.extracting(sent..<bytes.count)) {
            case .sent(let count): sent += count
            case .failed(let error): throw error
            }
        }
    }
}
