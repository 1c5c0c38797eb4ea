internal import CCARES
internal import Glibc
internal import Kernel

/// One question in flight: a name and a family.
final class Question {
    let lookup: Lookup
    let round: Round
    private let milliseconds: Int

    init(_ lookup: Lookup, _ round: Round, _ budget: WaitBudget) {
        self.lookup = lookup
        self.round = round
        milliseconds = budget.milliseconds
    }

    /// The answer, or why there is none. `found` is read and not kept.
    @unsafe
    func ended(status: Int32, _ found: UnsafeMutablePointer<ares_addrinfo>?) {
        round.pending -= 1
        guard status == ARES_SUCCESS, let found = unsafe found else {
            lookup.questionFailed(Self.cause(of: status, milliseconds: milliseconds))
            return
        }
        var addresses: [SocketAddress] = []
        var seconds = Int.max
        // Both lists are whole and end with nil; they live until the caller frees them.
        var alias = unsafe found.pointee.cnames
        while let record = unsafe alias {
            seconds = unsafe min(seconds, Int(record.pointee.ttl))
            unsafe alias = record.pointee.next
        }
        var node = unsafe found.pointee.nodes
        while let record = unsafe node {
            if let address = unsafe Self.address(record.pointee) { addresses.append(address) }
            seconds = unsafe min(seconds, Int(record.pointee.ai_ttl))
            unsafe node = record.pointee.ai_next
        }
        lookup.answered(addresses, timeToLiveSeconds: seconds)
    }

    private static func address(_ node: ares_addrinfo_node) -> SocketAddress? {
        guard let native = unsafe node.ai_addr else { return nil }
        switch (unsafe node.ai_family, Int(unsafe node.ai_addrlen)) {
        case (AF_INET, MemoryLayout<sockaddr_in>.size...):
            // The family and the length say that there is such an address.
            let bits = unsafe UnsafeRawPointer(native).loadUnaligned(as: sockaddr_in.self).sin_addr.s_addr
            return SocketAddress(ipv4: UInt32(bigEndian: bits), port: 0)
        case (AF_INET6, MemoryLayout<sockaddr_in6>.size...):
            var bits = unsafe UnsafeRawPointer(native).loadUnaligned(as: sockaddr_in6.self).sin6_addr
            // The structure holds 16 bytes.
            let words = unsafe withUnsafeBytes(of: &bits) { raw in
                (
                    unsafe UInt64(bigEndian: raw.loadUnaligned(fromByteOffset: 0, as: UInt64.self)),
                    unsafe UInt64(bigEndian: raw.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
                )
            }
            return SocketAddress(high: words.0, low: words.1, port: 0)
        default: return nil
        }
    }

    /// What a status of c-ares means.
    static func cause(of status: Int32, milliseconds: Int) -> NameResolutionError.Cause {
        switch status {
        case ARES_ENOTFOUND: .notFound
        case ARES_ENODATA: .noAddress
        case ARES_ESERVFAIL: .serverFailure("SERVFAIL")
        case ARES_EREFUSED: .serverFailure("REFUSED")
        case ARES_ENOTIMP: .serverFailure("NOTIMP")
        case ARES_EFORMERR: .serverFailure("FORMERR")
        case ARES_EBADRESP: .serverFailure("an answer that cannot be read")
        case ARES_ECONNREFUSED: .unreachable
        case ARES_ETIMEOUT, ARES_ECANCELLED: .timedOut(milliseconds: milliseconds)
        case ARES_EBADNAME, ARES_EBADSTR: .invalidName
        // The library's texts are constants.
        default: .system(unsafe String(cString: ares_strerror(status)))
        }
    }
}
