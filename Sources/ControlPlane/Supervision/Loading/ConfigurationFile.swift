internal import Configuration
internal import Declarations
internal import Kernel
internal import Shard

/// The configuration file on disk: from its path to a plan, or to everything that is wrong. Blocks: files and names.
struct ConfigurationFile: Sendable {
    /// As messages show it.
    let path: String

    /// The content now.
    func read() throws(Refusal) -> [UInt8] {
        do throws(FileBytes.Failure) {
            return try FileBytes.read(path: path, limit: ConfigurationReader.fileBytesMax)
        } catch {
            throw Refusal(.configuration, "\(path): cannot read the configuration: \(error)")
        }
    }

    /// Checks the content and resolves its names.
    func plan(
        _ bytes: [UInt8], resolver: (GatewayDeclaration) -> EndpointResolution.Resolver
    ) throws(Refusal) -> GatewayPlan {
        switch ConfigurationReader.read(bytes: bytes, file: path) {
        case .invalid(let report): throw Refusal(report)
        case .valid(let declaration, let report):
            let (tls, report) = TLSFiles.read(declaration, report, folder: folder, use: .serve)
            guard !report.hasErrors else { throw Refusal(report) }
            var upstreams = try EndpointResolution(file: path, resolver: resolver(declaration))
                .resolve(declaration.upstreams)
            for index in upstreams.indices { upstreams[index].tls = tls.upstreams[upstreams[index].declaration.id] }
            return GatewayPlan(declaration: declaration, upstreams: upstreams, tls: tls, report: report)
        }
    }

    /// The folder that holds the file, for paths relative to it.
    var folder: String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// The file's name in its folder.
    var name: String {
        path.lastIndex(of: "/").map { String(path[path.index(after: $0)...]) } ?? path
    }
}
