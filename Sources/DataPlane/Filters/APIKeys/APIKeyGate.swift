public import Declarations
internal import Signatures

/// Keys of clients, compiled: found by their digest, so that the time a wrong one takes tells nothing of the right ones.
public final class APIKeyGate {
    /// The header field that has the key, in lower case; empty: the query has it.
    public let header: [UInt8]
    public let query: [UInt8]
    private let owners: [Digest256: Owner]
    /// Made when the first key is looked for, on the shard that does.
    private lazy var digester = Digester()

    /// Whose a key is.
    public struct Owner {
        public let name: [UInt8]
        /// The field line that tells the upstream; empty for none.
        public let line: [UInt8]
    }

    /// A longer text is no key.
    private static let keyBytesMax = 1_024

    /// Compiles a declaration.
    public init(_ declaration: APIKeyDeclaration) {
        header = Array(declaration.header.utf8)
        query = Array(declaration.query.utf8)
        var owners: [Digest256: Owner] = [:]
        for key in declaration.keys {
            let line = declaration.nameHeader.isEmpty ? "" : "\(declaration.nameHeader): \(key.name)\r\n"
            guard let digest = Digest256(key.digest) else { continue }
            owners[digest] = Owner(name: Array(key.name.utf8), line: Array(line.utf8))
        }
        self.owners = owners
    }

    /// Whose key this is; `nil` for nobody's.
    public func owner(of key: Span<UInt8>) -> Owner? {
        guard !key.isEmpty, key.count <= Self.keyBytesMax else { return nil }
        return digester?.sha256(key).flatMap { owners[$0] }
    }
}
