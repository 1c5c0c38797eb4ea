public import Declarations
public import Kernel

/// An upstream with its names resolved.
public struct UpstreamPlan: Sendable, Equatable {
    /// One address to connect to.
    public struct Endpoint: Sendable, Equatable {
        /// Where.
        public var address: SocketAddress
        /// Its share.
        public var weight: Int

        /// All parts.
        public init(address: SocketAddress, weight: Int) {
            self.address = address
            self.weight = weight
        }
    }

    /// As written.
    public var declaration: UpstreamDeclaration
    /// Where its endpoints' names lead.
    public var endpoints: [Endpoint]

    /// All parts.
    public init(declaration: UpstreamDeclaration, endpoints: [Endpoint]) {
        self.declaration = declaration
        self.endpoints = endpoints
    }
}
