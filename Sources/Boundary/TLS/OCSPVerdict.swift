internal import COpenSSL

/// How an OCSP response stands to a certificate at a moment (RFC 6960).
struct OCSPVerdict {
    /// Why it must not be stapled; `nil`: it may.
    let problem: CertificateProblem?
    /// Unix seconds of the next response; 0 when the responder names no time.
    let nextUpdate: Int64

    /// Clocks differ a little; a response made this many seconds in the future still counts.
    private static let skewSeconds: Int64 = 300

    /// Judges the response for the first certificate of the chain, by the second as its issuer. Without a second the signature cannot
    /// be checked, and is not.
    init(_ response: [UInt8], chain: borrowing X509List, now: Int64) {
        OpenSSLErrors.clear()
        defer { ERR_clear_error() }
        var thisUpdate: Int64 = 0
        var nextUpdate: Int64 = 0
        let issuer = unsafe chain.count > 1 ? chain[1] : X509Facts(chain[0]).isSelfSigned ? chain[0] : nil
        // The list keeps both certificates alive, and the octets are read during the call.
        let verdict = unsafe response.withUnsafeBufferPointer {
            unsafe Int(co_check_ocsp($0.baseAddress, $0.count, chain[0], issuer, now, &thisUpdate, &nextUpdate))
        }
        self.nextUpdate = nextUpdate
        switch verdict {
        case Int(CO_OCSP_UNREADABLE): problem = .stapleUnreadable
        case Int(CO_OCSP_UNSUCCESSFUL): problem = .stapleUnsuccessful
        case Int(CO_OCSP_OTHER): problem = .stapleForeign
        case Int(CO_OCSP_UNSIGNED): problem = .stapleUnsigned
        case _ where nextUpdate > 0 && nextUpdate <= now: problem = .stapleExpired(nextUpdate: nextUpdate)
        case _ where thisUpdate > now + Self.skewSeconds: problem = .stapleNotYetValid(thisUpdate: thisUpdate)
        case Int(CO_OCSP_REVOKED): problem = .revoked
        case Int(CO_OCSP_GOOD): problem = nil
        default: problem = .stapleUnknown
        }
    }
}
