/// A template that does not compile.
public struct PathTemplateError: Error, Sendable, Equatable, CustomStringConvertible {
    public enum Reason: Sendable, Equatable {
        case notAbsolute
        case unclosedBrace
        case strayBrace
        /// The capture is not in every path of the route.
        case unknownCapture(String, known: [String])
        case noTail
        case forbiddenCharacter
        case badPercentEncoding
        case notNormal
        /// A stranger must not choose where a redirect leads.
        case captureInHost(String)
    }

    public var reason: Reason
    /// Where, in UTF-8 bytes from the start of the template.
    public var offset: Int

    public var description: String {
        switch reason {
        case .notAbsolute: "the path must begin with `/`"
        case .unclosedBrace: "`{` without `}`"
        case .strayBrace: "`}` without `{`"
        case .unknownCapture(let name, let known):
            known.isEmpty
                ? "`{\(name)}` is not captured by every path of the route"
                : "`{\(name)}` is not captured by every path of the route; there is "
                    + known.map { "`{\($0)}`" }.joined(separator: ", ")
        case .noTail: "`{**}` needs every path of the route to end in `/**`"
        case .forbiddenCharacter: "this character must be percent-encoded"
        case .badPercentEncoding: "`%` needs two hexadecimal digits"
        case .notNormal: "the text has dot segments, or encodings that a normal path has not"
        case .captureInHost(let name): "`{\(name)}` would let a request choose the host of the location"
        }
    }
}

extension PathTemplate {
    /// Compiles a template for a route with these captures.
    public init(_ source: String, use: Use, captures: CaptureNames) throws(PathTemplateError) {
        var compiler = TemplateCompiler(source: Array(source.utf8), use: use, captures: captures)
        try compiler.compile()
        self.init(source: source, use: use, pieces: compiler.pieces, literals: compiler.literals)
    }
}
