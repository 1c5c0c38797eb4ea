internal import CCurl
internal import Glibc

// What libcurl calls while it works on a transfer, on the loop's thread. The context is the transfer, see `setContext`. A result
// other than the number of bytes ends the transfer.

let receiveHeadLine: cc_receiver = { bytes, size, count, context in
    guard let bytes = unsafe bytes, let context = unsafe context else { return 0 }
    let transfer = unsafe Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
    // `size` is 1 by the library's word; the bytes are valid during the call.
    let line = unsafe [UInt8](UnsafeRawBufferPointer(start: bytes, count: size * count))
    return transfer.headLineReceived(line) ? line.count : 0
}

let receiveBody: cc_receiver = { bytes, size, count, context in
    guard let bytes = unsafe bytes, let context = unsafe context else { return 0 }
    let transfer = unsafe Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
    // As above.
    let piece = unsafe UnsafeRawBufferPointer(start: bytes, count: size * count)
    let room = transfer.roomForBody(piece.count)
    unsafe transfer.body.append(contentsOf: piece.prefix(room))
    // Less than there was ends the transfer.
    return room
}

/// Descriptors of the library must not outlive an `exec`, and when there are none left the caller is to know.
let openSocket: curl_opensocket_callback = { context, _, address in
    guard let address = unsafe address, let context = unsafe context else { return -1 }
    let transfer = unsafe Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
    // The address is valid during the call.
    let kind = unsafe address.pointee.socktype | Int32(SOCK_CLOEXEC.rawValue)
    let number = unsafe socket(address.pointee.family, kind, address.pointee.protocol)
    if number < 0 { transfer.socketErrorCode = errno }
    return number
}

extension Transfer {
    /// One line of a head or of trailers, with its end. False when there are too many bytes of them.
    func headLineReceived(_ line: [UInt8]) -> Bool {
        headBytes += line.count
        guard headBytes <= request.headBytesMax else {
            stop = .headTooLarge
            return false
        }
        let text = String(decoding: line, as: UTF8.self)
        if text.hasPrefix("HTTP/") {
            // The head of the response follows those of interim responses.
            fields = []
        } else if let first = line.first, first == 0x20 || first == 0x09, let last = fields.indices.last {
            // A folded line belongs to the field before it (RFC 9112 §5.2).
            fields[last].value += " " + Self.trimmed(text)
        } else if let colon = text.utf8.firstIndex(of: 0x3A) {
            let name = String(text[..<colon])
            fields.append(FetchField(name, Self.trimmed(text[text.utf8.index(after: colon)...])))
        }
        return true
    }

    /// So many of the next bytes are wanted.
    func roomForBody(_ count: Int) -> Int {
        let room = request.bodyLimit.bytes - body.count
        guard count > room else { return count }
        switch request.bodyLimit {
        case .refuse: stop = .bodyTooLarge
        case .cut: stop = .bodyCut
        }
        return room
    }

    private static func trimmed(_ text: some StringProtocol) -> String {
        var bytes = Array(text.utf8)[...]
        while let last = bytes.last, isWhiteSpace(last) { bytes.removeLast() }
        while let first = bytes.first, isWhiteSpace(first) { bytes.removeFirst() }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func isWhiteSpace(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x09 || byte == 0x0D || byte == 0x0A
    }
}
