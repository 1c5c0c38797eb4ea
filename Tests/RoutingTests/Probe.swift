import Declarations
import HTTPModel
import Kernel
import Routing

/// A table and captures, asked with strings.
final class Probe {
    enum Result: Equatable {
        case route(String)
        case notAllowed([String])
        case notFound
    }

    let declarations: [RouteDeclaration]
    let table: RouteTable
    private var captures = PathCaptures()
    private var path: [UInt8] = []

    init(_ declarations: [RouteDeclaration]) throws {
        self.declarations = declarations
        table = try RouteTable(declarations)
    }

    var patternsGaveUp: Int { captures.patternsGaveUp }

    func match(
        _ method: String, _ host: String, _ path: String, query: String = "", headers: [(String, String)] = []
    ) -> Result {
        self.path = Array(path.utf8)
        let (table, head) = Self.head(headers)
        let token = Array(method.utf8)
        let match = self.table.match(
            method: Method(token.span), methodToken: token.span, host: Array(host.utf8).span, path: self.path.span,
            query: Array(query.utf8).span, fields: table, head: head.span, captures: &captures)
        switch match {
        case .route(let index): return .route(declarations[index].id)
        case .methodNotAllowed(let allow): return .notAllowed(self.table.tokens(of: allow))
        case .notFound: return .notFound
        }
    }

    func explain(
        _ method: String, _ host: String, _ path: String, query: String = "", headers: [(String, String)] = []
    ) -> RouteExplanation {
        let (table, head) = Self.head(headers)
        let token = Array(method.utf8)
        return self.table.explain(
            method: Method(token.span), methodToken: token.span, host: Array(host.utf8).span,
            path: Array(path.utf8).span,
            query: Array(query.utf8).span, fields: table, head: head.span, captures: &captures)
    }

    /// The text of a capture of the last match, `**` for the tail.
    func capture(_ name: String, of route: String) -> String? {
        guard let declaration = declarations.first(where: { $0.id == route }) else { return nil }
        let slot = name == "**" ? PathCaptures.tailSlot : CaptureNames(declaration.match).slot(of: name)
        guard let slot else { return nil }
        return String(decoding: path[captures.range(slot: slot).indices], as: UTF8.self)
    }

    func write(_ template: PathTemplate, host: String = "") -> String {
        let host = Array(host.utf8)
        let path = self.path
        let length = template.length(captures: captures, path: path.span, host: host.span)
        var buffer = ByteBuffer(capacity: max(1, length))
        template.write(into: &buffer, captures: captures, path: path.span, host: host.span)
        return ByteText.string(buffer.readable)
    }

    private static func head(_ headers: [(String, String)]) -> (FieldTable, [UInt8]) {
        var bytes: [UInt8] = []
        var table = FieldTable(limit: 100)
        for (name, value) in headers {
            let start = bytes.count
            bytes += Array(name.utf8)
            let colon = bytes.count
            bytes += Array(": ".utf8) + Array(value.utf8)
            let entry = FieldEntry(
                name: ByteRange(start, colon), value: ByteRange(colon + 2, bytes.count),
                known: KnownField(Array(name.utf8).span))
            _ = table.append(entry)
            bytes += [13, 10]
        }
        return (table, bytes)
    }
}

/// A route as a test writes it: hosts and paths in the notation of the file.
func route(
    _ id: String, _ paths: String..., hosts: [String] = [], methods: [String] = [], priority: Int = 0,
    headers: [FieldPredicateDeclaration] = [], query: [FieldPredicateDeclaration] = []
) -> RouteDeclaration {
    var declaration = RouteDeclaration(id: id, action: .respond(RespondDeclaration()))
    declaration.priority = priority
    declaration.match.paths = paths.map(pattern)
    declaration.match.hosts = hosts
    declaration.match.methods = methods
    declaration.match.headers = headers
    declaration.match.query = query
    return declaration
}

func pattern(_ source: String) -> PathPatternDeclaration {
    if source.hasPrefix("~") { return .regex(String(source.dropFirst())) }
    let tail = source.hasSuffix("/**")
    let body = tail ? source.dropLast(3) : source[...]
    let segments = body.isEmpty ? [] : body.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
    return .segments(
        segments.map { segment in
            if segment == "*" { return .any }
            if segment.hasPrefix("{") { return .capture(String(segment.dropFirst().dropLast())) }
            return .literal(String(segment))
        }, tail: tail, source: source)
}
