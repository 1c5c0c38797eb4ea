/// The field lines that tell an origin of a client's verified certificate. Their names are known to the gateway, so that a client
/// cannot write them itself.
public enum ClientCertificateFields {
    /// Octets of all lines together; beyond, names are left out.
    public static let bytesMax = 8_192

    /// Lines with their CRLFs. All texts are plain ASCII without control characters, as `PeerCertificate` gives them.
    public static func lines(
        subject: String?, fingerprint: String, serialNumber: String, hostNames: [String], uris: [String]
    ) -> [UInt8] {
        var text = "X-Client-Cert-Verified: true\r\n"
        if let subject { text += "X-Client-Cert-Subject: \(subject)\r\n" }
        text += "X-Client-Cert-Fingerprint: \(fingerprint)\r\nX-Client-Cert-Serial: \(serialNumber)\r\n"
        var names = ""
        for name in hostNames.map({ "DNS:\($0)" }) + uris.map({ "URI:\($0)" }) {
            guard text.utf8.count + names.utf8.count + name.utf8.count + 32 < bytesMax else { break }
            names += names.isEmpty ? name : ", \(name)"
        }
        if !names.isEmpty { text += "X-Client-Cert-Names: \(names)\r\n" }
        return text.utf8.count <= bytesMax ? Array(text.utf8) : []
    }
}
