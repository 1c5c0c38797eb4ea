/// What metrics tell of a certificate that is served.
public struct CertificateFigure: Sendable, Equatable {
    /// The listener's name.
    public var listener: String
    /// The file as the configuration names it.
    public var file: String
    /// The subject in RFC 2253 form.
    public var subject: String
    /// Unix seconds until which it counts.
    public var notAfterSeconds: Int64

    /// All parts.
    public init(listener: String, file: String, subject: String, notAfterSeconds: Int64) {
        self.listener = listener
        self.file = file
        self.subject = subject
        self.notAfterSeconds = notAfterSeconds
    }
}
