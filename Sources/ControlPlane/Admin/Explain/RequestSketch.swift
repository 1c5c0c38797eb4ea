/// A request as someone describes it on a command line: method, URL, header lines.
public struct RequestSketch: Sendable, Equatable {
    /// The bytes of the head as a client would send it.
    let head: [UInt8]

    /// What is wrong with a description.
    public struct Fault: Error, Sendable, Equatable, CustomStringConvertible {
        /// For people.
        public let description: String
    }

    /// - Parameters:
    ///   - method: any token.
    ///   - url: `http://host/path?query`, or `/path?query` for the default host. A fragment is left out, as clients do.
    ///   - headers: lines such as `X-Env: staging`. A `Host` among them wins over the URL's.
    ///   - defaultHost: the `Host` when neither says one.
    public init(method: String, url: String, headers: [String], defaultHost: String) throws(Fault) {
        var (authority, target) = try Self.split(url)
        var lines = ""
        for header in headers {
            guard let colon = header.firstIndex(of: ":") else {
                throw Fault(description: "`\(header)` is not a header line; write 'Name: value'")
            }
            guard !header.utf8.contains(where: { $0 == 0x0D || $0 == 0x0A }) else {
                throw Fault(description: "a header line cannot hold a line break")
            }
            let name = header[..<colon]
            let value = header[header.index(after: colon)...]
            if name.lowercased() == "host" {
                authority = String(value).trimmed
            } else {
                lines += "\(name): \(String(value).trimmed)\r\n"
            }
        }
        if target.isEmpty { target = "/" }
        head = Array("\(method) \(target) HTTP/1.1\r\nHost: \(authority ?? defaultHost)\r\n\(lines)\r\n".utf8)
    }

    private static func split(_ url: String) throws(Fault) -> (authority: String?, target: String) {
        let whole = url.prefix { $0 != "#" }
        if whole.hasPrefix("/") || whole == "*" { return (nil, String(whole)) }
        let lower = whole.lowercased()
        guard let scheme = ["http://", "https://"].first(where: { lower.hasPrefix($0) }) else {
            throw Fault(description: "`\(url)` is not a URL; write http://HOST/PATH or /PATH")
        }
        let rest = whole.dropFirst(scheme.count)
        let authority = rest.prefix { $0 != "/" && $0 != "?" }
        guard !authority.isEmpty else { throw Fault(description: "`\(url)` has no host") }
        let target = rest.dropFirst(authority.count)
        return (String(authority), target.hasPrefix("?") ? "/" + target : String(target))
    }
}

extension String {
    /// Without spaces and tabs at both ends.
    fileprivate var trimmed: String {
        let blank: (Character) -> Bool = { $0 == " " || $0 == "\t" }
        return String(drop(while: blank).reversed().drop(while: blank).reversed())
    }
}
