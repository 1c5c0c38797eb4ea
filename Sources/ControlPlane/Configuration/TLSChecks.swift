internal import Declarations

/// The checks of one mapping `tls` that need more than one of its keys.
struct TLSChecks {
    /// The mapping.
    let node: Int
    let reading: FileReading

    /// A listener has a list of certificates, or one in the short form.
    func certificates(of draft: ListenerTLSDraft) {
        let list = written("certificates")
        let chain = written("certificate")
        if let list, let other = chain ?? written("key") ?? written("ocsp") {
            reading.error(
                "conflicting-keys", at: max(list, other),
                "`certificates` cannot stand beside `certificate`, `key` and `ocsp`",
                expected: "one of the two forms; every certificate as an element of `certificates`")
        } else if list == nil, chain == nil, written("key") == nil {
            reading.error(
                "missing-key", at: node, "`tls` needs a certificate",
                expected: "`certificates`, a list; or `certificate` and `key` for a single one")
        } else if list == nil {
            pair()
        }
        var first: [String: Int] = [:]
        for certificate in draft.certificates {
            guard let earlier = first.updateValue(certificate.node, forKey: certificate.value.chainFile) else {
                continue
            }
            reading.error(
                "duplicate-value", at: reading.node(of: ["certificate"], in: certificate.node),
                "the certificate `\(certificate.value.chainFile)` is there already, "
                    + "at line \(reading.document.nodes[earlier].line)",
                expected: "each certificate once")
        }
    }

    /// A certificate and its key come together.
    func pair() {
        let chain = written("certificate")
        let key = written("key")
        if let chain, key == nil {
            reading.error(
                "missing-key", at: chain, "`key` is missing: it goes with `certificate`",
                expected: "`key`, the file of the private key; the same file when it holds both")
        }
        if chain == nil, let key {
            reading.error(
                "missing-key", at: key, "`certificate` is missing: it goes with `key`",
                expected: "`certificate`, the file of the certificate; the same file when it holds both")
        }
    }

    /// What deserves a second look of whoever reads an upstream's `tls`.
    func verification(_ tls: UpstreamTLSDeclaration) {
        guard !tls.verifies, let place = written("verify") else { return }
        reading.warning(
            "unverified-origin", at: place, "whoever answers at the endpoint's address is trusted",
            expected: "`authorities`, the file of the authorities that signed the origin's certificate")
    }

    private func written(_ key: String) -> Int? {
        reading.written([key], in: node)
    }
}
