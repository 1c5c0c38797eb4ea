internal import COpenSSL

/// What a certificate says, read from an object that someone else owns and keeps alive meanwhile.
@safe
struct X509Facts {
    /// A subject alternative name (RFC 5280 §4.2.1.6).
    struct AlternativeName {
        enum Kind: Int {
            case host = 1
            case uri
            case email
            case address
        }

        let kind: Kind
        let octets: [UInt8]
    }

    private let handle: OpaquePointer

    /// The certificate must live as long as this view of it.
    init(_ handle: OpaquePointer) {
        unsafe self.handle = handle
    }

    /// Names without the kinds that nobody here looks at; `nil` when the certificate has none of any kind.
    var alternativeNames: [AlternativeName]? {
        final class Collected {
            var names: [AlternativeName] = []
        }
        let collected = Collected()
        // The collector outlives the call, which is the only time the function is called with it.
        let hasSome = unsafe co_each_alternative_name(handle, Unmanaged.passUnretained(collected).toOpaque()) {
            argument, kind, octets, count in
            guard let argument = unsafe argument, let kind = AlternativeName.Kind(rawValue: Int(kind)) else { return }
            // OpenSSL's octets live through this call.
            let copy = unsafe Array(UnsafeBufferPointer(start: octets, count: count))
            unsafe Unmanaged<Collected>.fromOpaque(argument).takeUnretainedValue().names.append(
                AlternativeName(kind: kind, octets: copy))
        }
        return hasSome == 1 ? collected.names : nil
    }

    /// Names of hosts that the certificate is for. The subject's common name counts only where there are no alternative names at all
    /// (RFC 6125 §6.4.4). Names with characters that no host name has are left out.
    var servedNames: [[UInt8]] {
        let names =
            alternativeNames.map { $0.filter { $0.kind == .host }.map(\.octets) } ?? [commonName].compactMap(\.self)
        return names.filter { name in
            !name.isEmpty && name.count <= TLSDefaults.serverNameBytesMax && name.allSatisfy { $0 > 0x20 && $0 < 0x7F }
        }
    }

    /// The subject's last common name, as UTF-8.
    var commonName: [UInt8]? {
        var count = 0
        guard let text = unsafe co_common_name(handle, &count) else { return nil }
        defer { unsafe co_free(text) }
        // The text has `count` octets.
        return unsafe Array(UnsafeRawBufferPointer(start: text, count: count))
    }

    /// The subject in RFC 2253 form, printable ASCII alone.
    var subject: String { unsafe Self.text(of: X509_get_subject_name(handle)) }
    /// The issuer in RFC 2253 form, printable ASCII alone.
    var issuer: String { unsafe Self.text(of: X509_get_issuer_name(handle)) }
    /// Unix seconds before which the certificate does not count.
    var notBefore: Int64 { unsafe Self.seconds(of: X509_get0_notBefore(handle)) }
    /// Unix seconds after which the certificate does not count.
    var notAfter: Int64 { unsafe Self.seconds(of: X509_get0_notAfter(handle)) }

    /// SHA-256 of the DER form, 64 hexadecimal digits in lower case.
    var fingerprint: String {
        var octets = [UInt8](repeating: 0, count: 32)
        // The digest has 32 octets.
        guard unsafe X509_digest(handle, EVP_sha256(), &octets, nil) == 1 else { return "" }
        return PrintableText.hexadecimal(octets)
    }

    /// The serial number in hexadecimal, in upper case, `-` before a negative one.
    var serialNumber: String {
        guard let text = unsafe co_serial_text(handle) else { return "" }
        defer { unsafe co_free(text) }
        return unsafe String(cString: text)
    }

    /// Algorithm and size of the key: `RSA`, 2048; `EC`, 256; `ED25519`, 256.
    var key: (algorithm: String, bits: Int) {
        // The key belongs to the certificate; the name is static.
        guard let key = unsafe X509_get0_pubkey(handle), let name = unsafe EVP_PKEY_get0_type_name(key) else {
            return ("unknown", 0)
        }
        return unsafe (String(cString: name), Int(EVP_PKEY_get_bits(key)))
    }

    /// The digest under the issuer's signature, such as `SHA256`; `nil` where the algorithm has none of its own.
    var signatureDigest: String? {
        var digest: Int32 = 0
        // The name is static.
        guard unsafe X509_get_signature_info(handle, &digest, nil, nil, nil) == 1, digest != NID_undef,
            let name = unsafe OBJ_nid2sn(digest)
        else { return nil }
        return unsafe String(cString: name)
    }

    /// Signed by its own key: nobody relies on such a signature.
    var isSelfSigned: Bool { unsafe X509_self_signed(handle, 0) == 1 }

    /// This certificate signed the other.
    func issued(_ other: X509Facts) -> Bool { unsafe co_issued(handle, other.handle) == 1 }

    /// The key belongs to the certificate.
    func matches(key: OpaquePointer) -> Bool {
        OpenSSLErrors.clear()
        defer { ERR_clear_error() }
        return unsafe X509_check_private_key(handle, key) == 1
    }

    private static func text(of name: OpaquePointer?) -> String {
        var count = 0
        guard let text = unsafe co_name_text(name, &count) else { return "" }
        defer { unsafe co_free(text) }
        // OpenSSL has escaped all that is not printable ASCII already; what it may have overlooked becomes a question mark.
        let octets = unsafe UnsafeRawBufferPointer(start: text, count: count).map {
            (0x20...0x7E).contains($0) ? $0 : 0x3F
        }
        return String(decoding: octets, as: UTF8.self)
    }

    private static func seconds(of time: UnsafePointer<ASN1_TIME>?) -> Int64 {
        var seconds: Int64 = 0
        // The time belongs to the certificate. An unreadable one is in 1970: long over.
        return unsafe co_time_seconds(time, &seconds) == 1 ? seconds : 0
    }
}
