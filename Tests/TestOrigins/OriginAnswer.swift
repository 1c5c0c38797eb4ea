/// What an origin does with a request.
public enum OriginAnswer: Sendable {
    /// Sends these bytes and closes.
    case bytes([UInt8])
    /// Sends these bytes and waits for the next request on the connection.
    case bytesAndStay([UInt8])
    /// Sends these bytes, then nothing more, and does not close.
    case bytesAndHang([UInt8])
    /// Sends nothing, and does not close.
    case hang
    /// Closes without a word.
    case close
    /// Sends a head without a length and then a body without an end.
    case endlessBody

    /// A response with this status and body that ends the connection.
    public static func status(_ code: Int, body: String = "") -> OriginAnswer {
        let head = "HTTP/1.1 \(code) Some Words\r\nContent-Length: \(body.utf8.count)\r\nConnection: close\r\n\r\n"
        return .bytes(Array((head + body).utf8))
    }
}
