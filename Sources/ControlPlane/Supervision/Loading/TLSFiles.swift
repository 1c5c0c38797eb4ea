internal import Configuration
internal import Declarations
internal import Kernel
internal import Shard
internal import TLS
internal import Telemetry

/// What the files that `tls` names came to.
struct TLSMaterial: Sendable {
    /// By the name of each listener that has TLS; without ticket keys.
    var listeners: [String: TLSServerOptions] = [:]
    /// By the id of each upstream that has TLS.
    var upstreams: [String: UpstreamTLS] = [:]
    /// What is shown of the certificates that are served.
    var certificates: [CertificateFigure] = []
    /// Changes when the content of a file does.
    var digest: UInt64 = 0
    /// All files, as they are opened.
    var paths: [String] = []
}

/// Reads and inspects the files that `tls` names. All problems are found in one pass, each at the place that names the file.
struct TLSFiles {
    /// For whom files are read.
    enum Use {
        /// For somebody who asks what is wrong: a certificate whose time is over is an error.
        case check
        /// To be served: a certificate whose time is over is told of, and served all the same. A gateway that does not start for
        /// want of one listener's certificate would take all others down with it.
        case serve
    }

    private let folder: String
    private let use: Use
    /// Unix seconds.
    private let now: Int64
    private var report: ConfigurationReport
    private var problems: [ConfigurationProblem] = []
    private var contents: [String: [UInt8]] = [:]
    private var material = TLSMaterial()

    /// A file of certificates is small; a larger one is something else.
    private static let fileBytesMax = 1 << 20

    private init(folder: String, use: Use, now: Int64, report: ConfigurationReport) {
        self.folder = folder
        self.use = use
        self.now = now
        self.report = report
    }

    /// Reads all of them. The report is the one given, with what was found; `folder` is where relative paths begin. Blocks.
    static func read(
        _ declaration: GatewayDeclaration, _ report: ConfigurationReport, folder: String, use: Use
    ) -> (TLSMaterial, ConfigurationReport) {
        guard !report.files.isEmpty || declaration.upstreams.contains(where: { $0.tls != nil }) else {
            return (TLSMaterial(), report)
        }
        var files = TLSFiles(
            folder: folder, use: use, now: SystemClock.wallMilliseconds() / 1_000, report: report)
        for listener in declaration.listeners { files.read(listener) }
        for upstream in declaration.upstreams { files.read(upstream) }
        return (files.material, report.adding(files.problems))
    }

    // MARK: - Listeners

    private mutating func read(_ listener: ListenerDeclaration) {
        guard let tls = listener.tls else { return }
        var certificates: [TLSCertificate] = []
        for declared in tls.certificates {
            guard let certificate = certificate(declared) else { continue }
            certificates.append(certificate)
            let inspection = CertificateInspection(certificate, now: now)
            note(inspection.problems, declared)
            guard let served = inspection.certificates.first else { continue }
            material.certificates.append(
                CertificateFigure(
                    listener: listener.name, file: declared.chainFile, subject: served.subject,
                    notAfterSeconds: served.notAfter))
        }
        var options = TLSServerOptions(listener: listener.name, certificates: certificates)
        options.minimumVersion = tls.minimumVersion == .tls13 ? .tls13 : .tls12
        options.applicationProtocols = tls.protocols
        options.kernelOffload = tls.kernelOffload
        options.ticketLifetimeSeconds = min(604_800, max(1, tls.ticketRotationMilliseconds / 1_000))
        if let path = tls.clientCertificates.authoritiesFile, tls.clientCertificates.mode != .off {
            guard let authorities = authorities(path) else { return }
            options.clientCertificates =
                tls.clientCertificates.mode == .required
                ? .required(authorities: authorities) : .optional(authorities: authorities)
        }
        material.listeners[listener.name] = options
    }

    // MARK: - Upstreams

    private mutating func read(_ upstream: UpstreamDeclaration) {
        guard let tls = upstream.tls else { return }
        let before = material.digest
        material.digest = 0
        var options = TLSClientOptions()
        options.verifies = tls.verifies
        options.minimumVersion = tls.minimumVersion == .tls13 ? .tls13 : .tls12
        if let path = tls.authoritiesFile, let authorities = authorities(path) {
            options.authorities = .pem(authorities)
        }
        if let declared = tls.certificate, let certificate = certificate(declared) {
            note(CertificateInspection(certificate, now: now).problems, declared)
            options.certificate = certificate
        }
        material.upstreams[upstream.id] = UpstreamTLS(options: options, digest: material.digest)
        material.digest = Self.mix(before, material.digest)
    }

    // MARK: - Files

    private mutating func certificate(_ declared: CertificateDeclaration) -> TLSCertificate? {
        let chain = content(declared.chainFile, what: "certificate")
        let key = content(declared.keyFile, what: "key")
        let staple = declared.ocspFile.flatMap { content($0, what: "OCSP response") }
        guard let chain, let key else { return nil }
        return TLSCertificate(chain: chain, key: key, stapledResponse: staple)
    }

    private mutating func authorities(_ path: String) -> [UInt8]? {
        guard let content = content(path, what: "file of authorities") else { return nil }
        for problem in CertificateInspection(authorities: content, now: now).problems { note(problem, path) }
        return content
    }

    private mutating func content(_ path: String, what: String) -> [UInt8]? {
        let full = path.hasPrefix("/") ? path : folder + "/" + path
        if let known = contents[full] {
            material.digest = Self.mix(material.digest, Self.digest(known))
            return known
        }
        if !material.paths.contains(full) { material.paths.append(full) }
        do throws(FileBytes.Failure) {
            let content = try FileBytes.read(path: full, limit: Self.fileBytesMax)
            contents[full] = content
            material.digest = Self.mix(material.digest, Self.digest(content))
            return content
        } catch {
            add("unreadable-file", path, "cannot read the \(what) `\(full)`: \(error)", isError: true)
            return nil
        }
    }

    /// Which file a problem is in: the key's own, the response's own, or the chain's.
    private mutating func note(_ problems: [CertificateProblem], _ declared: CertificateDeclaration) {
        for problem in problems {
            switch problem {
            case .keyUnreadable, .keyEncrypted, .keyMismatch: note(problem, declared.keyFile)
            case .stapleUnreadable, .stapleUnsuccessful, .stapleForeign, .stapleUnsigned, .stapleExpired,
                .stapleNotYetValid, .revoked, .stapleUnknown:
                note(problem, declared.ocspFile ?? declared.chainFile)
            default: note(problem, declared.chainFile)
            }
        }
    }

    private mutating func note(_ problem: CertificateProblem, _ path: String) {
        var isError = problem.preventsUse
        switch problem {
        case .expired, .notYetValid, .stapleExpired, .revoked: isError = isError || use == .check
        default: break
        }
        add("bad-certificate", path, "`\(path)`: \(problem)", isError: isError)
    }

    private mutating func add(_ code: String, _ path: String, _ message: String, isError: Bool) {
        let place = report.files.first { $0.path == path }
        let problem = ConfigurationProblem(
            severity: isError ? .error : .warning, code: code, line: place?.line ?? 1, column: place?.column ?? 1,
            message: message)
        if !problems.contains(problem) { problems.append(problem) }
    }

    private static func digest(_ content: [UInt8]) -> UInt64 { ByteSearch.hash(content.span, seed: 0x7465_7374) }

    private static func mix(_ one: UInt64, _ other: UInt64) -> UInt64 {
        (one ^ other) &* 0x9E37_79B9_7F4A_7C15 ^ one >> 29 &+ other
    }
}
