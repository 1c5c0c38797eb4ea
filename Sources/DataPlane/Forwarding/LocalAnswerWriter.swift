public import HTTPModel
public import Kernel

/// Writes answers that the gateway gives itself: problems, redirects, fixed responses.
public enum LocalAnswerWriter {
    /// Octets at most of a head written here, without the further fields and the location.
    public static let headBytesMax = 512

    /// The start line and the fields every answer of ours has. The caller appends further fields, then calls `finishHead`.
    public static func startHead(
        status: Int, reason: StaticString, requestID: borrowing ByteBuffer, date: borrowing ByteBuffer,
        into out: inout ByteBuffer
    ) {
        out.append("HTTP/1.1 ")
        out.appendDecimal(status, width: 3)
        out.append(" ")
        out.append(reason)
        out.append("\r\nServer: martlet\r\n")
        if !date.isEmpty {
            out.append("Date: ")
            out.append(date)
            out.append("\r\n")
        }
        if !requestID.isEmpty {
            out.append("X-Request-Id: ")
            out.append(requestID)
            out.append("\r\n")
        }
    }

    /// Length, connection notice and the empty line. Statuses without content carry no length (RFC 9110 §8.6).
    public static func finishHead(
        status: Int, contentLength: Int, notice: ConnectionNotice, into out: inout ByteBuffer
    ) {
        if status >= 200, status != 204, status != 304 {
            out.append("Content-Length: ")
            out.appendDecimal(contentLength)
            out.append("\r\n")
        }
        ResponseHeadWriter.write(notice, into: &out)
        out.append("\r\n")
    }

    /// Octets at most of a problem document.
    public static let problemBytesMax = 640

    /// An `application/problem+json` document (RFC 9457) that names the stage and the request.
    public static func appendProblem(
        _ error: GatewayError, status: Int? = nil, detail: StaticString, requestID: Span<UInt8>,
        into out: inout ByteBuffer
    ) {
        out.append("{\"type\":\"urn:martlet:problem:")
        out.append(error.word)
        out.append("\",\"title\":\"")
        out.append(error.title)
        out.append("\",\"status\":")
        out.appendDecimal(status ?? error.status)
        out.append(",\"detail\":\"")
        out.append(detail)
        out.append("\",\"stage\":\"")
        out.append(error.stage.word)
        out.append("\",\"requestId\":\"")
        out.append(requestID)
        out.append("\"}\n")
    }
}
