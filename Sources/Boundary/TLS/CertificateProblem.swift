internal import Kernel

/// What is wrong with a certificate, its key, its stapled response or its authorities. The text names the remedy.
public enum CertificateProblem: Error, Sendable, Equatable, CustomStringConvertible {
    /// The file has nothing in it.
    case emptyFile
    /// There is no certificate in PEM form.
    case notPEM
    /// A certificate, by its position from 1, cannot be read.
    case damaged(position: Int)
    /// There is no private key that can be read.
    case keyUnreadable
    /// The key has a passphrase.
    case keyEncrypted
    /// The key belongs to another certificate.
    case keyMismatch
    /// A certificate's time is over, since these Unix seconds.
    case expired(position: Int, notAfter: Int64)
    /// A certificate's time begins at these Unix seconds.
    case notYetValid(position: Int, notBefore: Int64)
    /// A certificate did not sign the one before it.
    case chainOutOfOrder(position: Int)
    /// A key of RSA (or its like) with fewer than 2,048 bits, or one on a curve with fewer than 224; 0 bits: unknown.
    case weakKey(position: Int, bits: Int)
    /// A signature over a digest that can be forged.
    case weakSignature(position: Int, digest: String)
    /// It names no host.
    case noName
    /// The OCSP response cannot be read.
    case stapleUnreadable
    /// The OCSP responder gave an error instead of an answer.
    case stapleUnsuccessful
    /// The OCSP response is about another certificate.
    case stapleForeign
    /// The OCSP response is not signed by the issuer.
    case stapleUnsigned
    /// The OCSP response was good until these Unix seconds.
    case stapleExpired(nextUpdate: Int64)
    /// The OCSP response is good from these Unix seconds on.
    case stapleNotYetValid(thisUpdate: Int64)
    /// The certificate is revoked.
    case revoked
    /// The responder does not know the certificate.
    case stapleUnknown
    /// There is no certificate among the authorities.
    case noAuthority
    /// OpenSSL refused, in its words.
    case refused(String)

    /// Nothing can be served (or checked) with it; the other problems are for the clients to judge, or cost only the staple.
    public var preventsUse: Bool {
        switch self {
        case .emptyFile, .notPEM, .damaged, .keyUnreadable, .keyEncrypted, .keyMismatch, .weakKey, .noAuthority,
            .refused:
            true
        default: false
        }
    }

    /// For people: what, and what to do about it.
    public var description: String {
        switch self {
        case .emptyFile: "the file is empty; put the certificate in PEM form there"
        case .notPEM:
            "there is no certificate in PEM form (`-----BEGIN CERTIFICATE-----`); convert it with `openssl x509`"
        case .damaged(let position): "certificate \(position) of the file is damaged; fetch it anew"
        case .keyUnreadable:
            "there is no private key in PEM form (`-----BEGIN PRIVATE KEY-----`); check that the right file is named"
        case .keyEncrypted: "the key has a passphrase; remove it with `openssl pkey`"
        case .keyMismatch:
            "the key belongs to another certificate; name the one that the certificate was requested with"
        case .noName: "the certificate names no host; ask its issuer for one with subject alternative names"
        case .noAuthority:
            "there is no certificate among the authorities; put those that sign certificates in PEM form there"
        case .refused(let text): "OpenSSL does not take it: \(text)"
        case .expired, .notYetValid, .chainOutOfOrder, .weakKey, .weakSignature: chainText
        default: stapleText
        }
    }

    private var chainText: String {
        switch self {
        case .expired(let position, let notAfter):
            "certificate \(position) expired on \(CivilTime.text(notAfter)); renew it"
        case .notYetValid(let position, let notBefore):
            "certificate \(position) is valid only from \(CivilTime.text(notBefore)) on; wait, or check the clock"
        case .chainOutOfOrder(let position):
            "certificate \(position) did not sign the one before it; put each issuer right behind what it signed"
        case .weakKey(let position, let bits):
            "the key of certificate \(position) is too short\(bits > 0 ? " with \(bits) bits" : ""); "
                + "use RSA with 2048 bits or more, or P-256"
        case .weakSignature(let position, let digest):
            "certificate \(position) is signed over \(digest), which can be forged; ask its issuer for one with SHA-256"
        default: ""
        }
    }

    private var stapleText: String {
        switch self {
        case .stapleUnreadable: "the OCSP response cannot be read; it must be in DER form as the responder sent it"
        case .stapleUnsuccessful: "the OCSP responder answered with an error; fetch the response again"
        case .stapleForeign: "the OCSP response is about another certificate; fetch the one for this certificate"
        case .stapleUnsigned:
            "the OCSP response is not signed by the certificate's issuer; check which responder was asked"
        case .stapleExpired(let nextUpdate):
            "the OCSP response was good until \(CivilTime.text(nextUpdate)); fetch a new one"
        case .stapleNotYetValid(let thisUpdate):
            "the OCSP response is good only from \(CivilTime.text(thisUpdate)) on; wait, or check the clock"
        case .revoked: "the certificate is revoked; ask for a new one with a new key"
        case .stapleUnknown: "the OCSP responder does not know the certificate; check which responder was asked"
        default: ""
        }
    }
}

/// Dates for people, without a calendar library.
enum CivilTime {
    /// `2031-05-17 08:09:10 UTC` for Unix seconds, by the Gregorian calendar.
    static func text(_ seconds: Int64) -> String {
        let day = seconds >= 0 ? seconds / 86_400 : (seconds - 86_399) / 86_400
        let second = seconds - day * 86_400
        let date = CivilDate(daysSince1970: day)
        let clock = [second / 3_600, second / 60 % 60, second % 60].map(padded).joined(separator: ":")
        return "\(date.year)-\(padded(Int64(date.month)))-\(padded(Int64(date.day))) \(clock) UTC"
    }

    private static func padded(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }
}
