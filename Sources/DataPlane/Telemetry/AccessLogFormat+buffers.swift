public import HTTPModel
public import Kernel

extension AccessLogFormat {
    /// The same with the identifier in a buffer.
    public mutating func appendRequest(
        into line: inout ByteBuffer, wallMilliseconds: Int64, listener: Span<UInt8>, client: Span<UInt8>,
        method: Span<UInt8>, host: Span<UInt8>, target: Span<UInt8>, version: HTTPVersion?,
        requestID: borrowing ByteBuffer
    ) {
        appendRequest(
            into: &line, wallMilliseconds: wallMilliseconds, listener: listener, client: client, method: method,
            host: host, target: target, version: version, requestID: requestID.readable)
    }
}
