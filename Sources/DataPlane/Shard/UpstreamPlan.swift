public import Declarations
public import Kernel
public import TLS

/// An upstream with its names resolved.
public struct UpstreamPlan: Sendable, Equatable {
    /// One address to connect to.
    public struct Endpoint: Sendable, Equatable {
        /// Where.
        public var address: SocketAddress
        /// Its share.
        public var weight: Int
        /// The host as written: what a certificate must be for, unless the upstream names another.
        public var host: String

        /// All parts.
        public init(address: SocketAddress, weight: Int, host: String) {
            self.address = address
            self.weight = weight
            self.host = host
        }
    }

    /// As written.
    public var declaration: UpstreamDeclaration
    /// Where its endpoints' names lead.
    public var endpoints: [Endpoint]

    /// Its TLS, with the files read; `nil` for clear text.
    public var tls: UpstreamTLS?

    /// All parts.
    public init(declaration: UpstreamDeclaration, endpoints: [Endpoint], tls: UpstreamTLS? = nil) {
        self.declaration = declaration
        self.endpoints = endpoints
        self.tls = tls
    }
}

/// TLS towards an upstream, with what its files held.
public struct UpstreamTLS: Sendable, Equatable {
    /// How it is spoken to.
    public var options: TLSClientOptions
    /// A digest of the files: equal when nothing in them has changed.
    public var digest: UInt64

    /// Both parts.
    public init(options: TLSClientOptions, digest: UInt64) {
        self.options = options
        self.digest = digest
    }

    /// Equal when the files held the same; the rest is in the declaration.
    public static func == (left: UpstreamTLS, right: UpstreamTLS) -> Bool { left.digest == right.digest }
}
