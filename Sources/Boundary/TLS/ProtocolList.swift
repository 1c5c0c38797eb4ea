/// Protocol names as ALPN has them: each behind its length, one behind the other (RFC 7301 §3.1).
@safe
final class ProtocolList {
    // `count` octets, made in `init` and freed in `deinit`; nil exactly when there are none. OpenSSL may refer to them until the
    // handshake is over, and sessions hold the context that holds this.
    let octets: UnsafeMutablePointer<UInt8>?
    let count: Int

    var isEmpty: Bool { count == 0 }

    init(_ names: [String]) throws(TLSConfigurationError) {
        var text: [UInt8] = []
        for name in names {
            guard (1...255).contains(name.utf8.count) else { throw .applicationProtocols }
            text.append(UInt8(name.utf8.count))
            text += Array(name.utf8)
        }
        guard text.count <= 65_535 else { throw .applicationProtocols }
        count = text.count
        unsafe octets = text.isEmpty ? nil : .allocate(capacity: text.count)
        for index in text.indices { unsafe octets.unsafelyUnwrapped[index] = text[index] }
    }

    deinit {
        unsafe octets?.deallocate()
    }

    /// Where the first of our names is that the client offers too: the place of its text in `octets`. Whatever the offer holds, only
    /// its own octets are read.
    func choose(from offer: Span<UInt8>) -> Range<Int>? {
        var own = 0
        while own < count {
            // The list is well formed, as `init` made it.
            let length = unsafe Int(octets.unsafelyUnwrapped[own])
            if isOffered(own + 1, length, offer) { return own + 1..<own + 1 + length }
            own += 1 + length
        }
        return nil
    }

    private func isOffered(_ start: Int, _ length: Int, _ offer: Span<UInt8>) -> Bool {
        var place = 0
        while place < offer.count {
            let offered = Int(offer[place])
            guard place + 1 + offered <= offer.count else { return false }
            if offered == length {
                var same = true
                // start..<start + length is the text of one of our names.
                for index in 0..<length where unsafe octets.unsafelyUnwrapped[start + index] != offer[place + 1 + index]
                {
                    same = false
                }
                if same { return true }
            }
            place += 1 + offered
        }
        return false
    }
}
