internal import Declarations

/// The mapping `tls` of a listener, before its certificates are one list.
struct ListenerTLSDraft: Sendable {
    var declaration = ListenerTLSDeclaration(certificates: [])
    var certificates: [Located<CertificateDeclaration>] = []
    /// The short form, for one certificate.
    var single = CertificateDraft()
}

/// A certificate as far as it could be read.
struct CertificateDraft: Sendable {
    var chainFile: String?
    var keyFile: String?
    var ocspFile: String?

    /// `nil` where something is missing, which is a problem already.
    var declaration: CertificateDeclaration? {
        guard let chainFile, let keyFile else { return nil }
        return CertificateDeclaration(chainFile: chainFile, keyFile: keyFile, ocspFile: ocspFile)
    }
}

extension Shapes {
    static let listenerTLS: MappingShape<ListenerTLSDraft> = {
        let initial = ListenerTLSDeclaration(certificates: [])
        return MappingShape(
            name: "listener-tls", title: "`tls`", summary: "How a listener terminates TLS.",
            keys: [
                .key(
                    "certificates", \.certificates,
                    .list(of: ValueShape<CertificateDeclaration>.certificate.located, 1...1_024),
                    "The certificates; a client gets the one that has the name it asks for, or the first."),
                .optional("certificate", \.single.chainFile, .certificateFile, "The certificate, when there is one."),
                .optional("key", \.single.keyFile, .keyFile, "The private key of `certificate`."),
                .optional("ocsp", \.single.ocspFile, .ocspFile, "The OCSP response to staple to `certificate`."),
                .key(
                    "minimum-version", \.declaration.minimumVersion, .tlsVersion, default: initial.minimumVersion,
                    "The oldest version of TLS that is spoken."),
                .key(
                    "protocols", \.declaration.protocols, .applicationProtocols, default: initial.protocols,
                    "The protocols offered by ALPN, most wanted first."),
                .key(
                    "ticket-rotation", \.declaration.ticketRotationMilliseconds, .duration(60_000...86_400_000),
                    default: initial.ticketRotationMilliseconds,
                    "How long one key seals session tickets; it opens them for as long again. `off`: no tickets."),
                .key(
                    "client-certificates", \.declaration.clientCertificates, .clientCertificates,
                    "Whether clients show certificates, and who must have signed them."),
                .key(
                    "kernel-offload", \.declaration.kernelOffload, .boolean, default: initial.kernelOffload,
                    "Hands records to the kernel when it can take them."),
            ])
    }()

    static let certificate = MappingShape<CertificateDraft>(
        name: "certificate", summary: "A certificate, its key, and what is stapled to it.",
        keys: [
            .optional(
                "certificate", \.chainFile, .certificateFile, required: true, "The certificate, then its intermediates."
            ),
            .optional("key", \.keyFile, .keyFile, required: true, "The private key."),
            .optional("ocsp", \.ocspFile, .ocspFile, "An OCSP response to staple (DER)."),
        ])

    static let clientCertificates = MappingShape<ClientCertificatesDeclaration>(
        name: "client-certificates", summary: "Whether clients show certificates, and who must have signed them.",
        keys: [
            .key(
                "mode", \.mode, .clientCertificatesMode, required: true,
                "`off`; `optional`: one that is shown must be good; `required`: none without."),
            .optional(
                "authorities", \.authoritiesFile, .authoritiesFile,
                "The authorities that sign clients' certificates; needed unless the mode is `off`."),
        ])

    static let upstreamTLS: MappingShape<UpstreamTLSDeclaration> = {
        let initial = UpstreamTLSDeclaration()
        return MappingShape(
            name: "upstream-tls", title: "`tls`", summary: "How an upstream is spoken to over TLS.",
            keys: [
                .optional(
                    "server-name", \.serverName, .serverName,
                    "The name sent as SNI and looked for in the certificate; the endpoint's host when not written."),
                .optional(
                    "authorities", \.authoritiesFile, .authoritiesFile,
                    "The authorities that sign origins' certificates; those of the system when not written."),
                .optional("certificate", \.chainFile, .certificateFile, "The certificate shown to the origin."),
                .optional("key", \.keyFile, .keyFile, "The private key of `certificate`."),
                .key(
                    "verify", \.verifies, .boolean, default: initial.verifies, "`false` trusts any certificate."),
                .key(
                    "minimum-version", \.minimumVersion, .tlsVersion, default: initial.minimumVersion,
                    "The oldest version of TLS that is spoken."),
            ])
    }()
}

extension UpstreamTLSDeclaration {
    /// The certificate's two files, each `nil` until it is read.
    fileprivate var chainFile: String? {
        get { certificate.flatMap { $0.chainFile.isEmpty ? nil : $0.chainFile } }
        set { certificate = CertificateDeclaration(chainFile: newValue ?? "", keyFile: keyFile ?? "") }
    }

    fileprivate var keyFile: String? {
        get { certificate.flatMap { $0.keyFile.isEmpty ? nil : $0.keyFile } }
        set { certificate = CertificateDeclaration(chainFile: chainFile ?? "", keyFile: newValue ?? "") }
    }
}

extension ValueShape<String> {
    fileprivate static let certificateFile = file("the certificate and its intermediates (PEM)")
    fileprivate static let keyFile = file("the private key (PEM), which may be that of the certificate")
    fileprivate static let ocspFile = file("an OCSP response (DER)")
    fileprivate static let authoritiesFile = file("the authorities' certificates (PEM)")

    /// The name of a server, in lower case. TLS sends no addresses.
    static let serverName = text(pattern: "^[A-Za-z0-9_.-]+$", "a host name such as orders.internal") {
        content, node, reading in
        if AddressText.isHostName(content) { return String(decoding: content, as: UTF8.self).lowercased() }
        let isAddress = AddressText.octets(content) != nil
        reading.error(
            "bad-host", at: node,
            "`\(reading.excerpt(node))` is not the name of a server"
                + (isAddress ? ": TLS sends no addresses (RFC 6066 §3)" : ""),
            expected: "a host name such as orders.internal")
        return nil
    }
}

extension ValueShape<CertificateDeclaration> {
    fileprivate static let certificate = Shapes.certificate.value { _ in CertificateDraft() }.checked { draft, _, _ in
        draft.declaration
    }
}

extension ValueShape<TLSVersionDeclaration> {
    /// `1.2` or `1.3`, with or without quotes.
    static let tlsVersion: ValueShape<TLSVersionDeclaration> = {
        let versions = TLSVersionDeclaration.allCases.map(\.rawValue)
        let schema = JSONValue.object([
            .init("enum", .array(versions.map { .string($0) } + versions.map { .decimal($0) }))
        ])
        let expected = "1.2 or 1.3"
        return ValueShape(schema: schema, expected: expected) { node, reading in
            guard let content = reading.scalar(node, expected: expected) else { return nil }
            let text = String(decoding: content, as: UTF8.self)
            if let version = TLSVersionDeclaration(rawValue: text) { return version }
            // Others write TLSv1.2, TLS 1.2, VersionTLS12 or TLSv1_2.
            let digits = text.filter(\.isNumber)
            let isBroken = ["10", "11"].contains(digits)
            reading.error(
                "unknown-word", at: node,
                isBroken
                    ? "TLS \(digits.first!).\(digits.last!) is not spoken: RFC 8996 forbids it"
                    : "`\(reading.excerpt(node))` is not a version of TLS",
                expected: expected, suggestion: ["12": "1.2", "13": "1.3"][digits])
            return nil
        } written: {
            .string($0.rawValue)
        }
    }()
}

extension ValueShape<[String]> {
    /// What ALPN offers. It can only be what the gateway speaks.
    static let applicationProtocols: ValueShape<[String]> = {
        let known = ListenerTLSDeclaration(certificates: []).protocols
        var shape = ValueShape<[String]>.distinctList(of: .word(known), 1...8)
        shape.written = { .array($0.map { .string($0) }) }
        return shape
    }()
}

extension ValueShape<ClientCertificatesDeclaration.Mode> {
    fileprivate static let clientCertificatesMode = ValueShape<String>.word(
        ClientCertificatesDeclaration.Mode.allCases.map(\.rawValue)
    ).checked { word, _, _ in ClientCertificatesDeclaration.Mode(rawValue: word) }
}

extension ValueShape<ClientCertificatesDeclaration> {
    /// The mode alone. Every other one than `off` needs the authorities, and so the mapping.
    private static let modeAlone = ValueShape(
        schema: ValueShape<String>.word(["off"]).schema, expected: "off"
    ) { node, reading in
        guard let mode = ValueShape<ClientCertificatesDeclaration.Mode>.clientCertificatesMode.read(node, reading)
        else {
            return nil
        }
        if mode != .off {
            reading.error(
                "missing-key", at: node,
                "`authorities` is missing: without it no certificate of a client can be good",
                expected: "`{ mode: \(mode.rawValue), authorities: FILE }`")
        }
        return ClientCertificatesDeclaration()
    }

    fileprivate static let clientCertificates = ValueShape.short(
        modeAlone,
        orLong: Shapes.clientCertificates.value { _ in ClientCertificatesDeclaration() }.checked {
            clients, node, reading in
            if clients.mode != .off, reading.written(["authorities"], in: node) == nil {
                reading.error(
                    "missing-key", at: reading.node(of: ["mode"], in: node),
                    "`authorities` is missing: without it no certificate of a client can be good",
                    expected: ValueShape<String>.authoritiesFile.expected)
            }
            return clients
        })
}

extension ValueShape<ListenerTLSDeclaration> {
    static let listenerTLS = Shapes.listenerTLS.value { _ in ListenerTLSDraft() }.checked { draft, node, reading in
        TLSChecks(node: node, reading: reading).certificates(of: draft)
        var declaration = draft.declaration
        declaration.certificates = draft.certificates.map(\.value)
        if let single = draft.single.declaration { declaration.certificates.append(single) }
        return declaration
    }
}
