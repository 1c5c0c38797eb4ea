public import Declarations

/// The fields that tell browsers to be careful, as edits of the response and as lines for connections with TLS alone.
public struct SecureHeaders: Sendable {
    /// `Strict-Transport-Security`, with its CRLF; empty when it is left out. RFC 6797 §7.2: never over clear text.
    public let transportLine: [UInt8]
    private let fields: [(name: String, value: String)]

    /// Compiles a declaration.
    public init(_ declaration: SecureHeadersDeclaration) {
        let seconds = declaration.transportMaxAgeSeconds
        let subdomains = declaration.transportIncludesSubdomains ? "; includeSubDomains" : ""
        transportLine =
            seconds == 0 ? [] : Array("Strict-Transport-Security: max-age=\(seconds)\(subdomains)\r\n".utf8)
        fields = [
            ("X-Content-Type-Options", "nosniff"), ("X-Frame-Options", declaration.frameOptions),
            ("Referrer-Policy", declaration.referrerPolicy),
            ("Content-Security-Policy", declaration.contentSecurityPolicy),
            ("Permissions-Policy", declaration.permissionsPolicy),
        ].filter { !$0.1.isEmpty }
    }

    /// Adds the edits. An edit that stands behind the filter in the route has the last word.
    public func add(to edits: inout HeaderEdits) {
        for field in fields { edits.set(field.name, to: field.value) }
        if !transportLine.isEmpty { edits.remove("Strict-Transport-Security") }
    }
}
