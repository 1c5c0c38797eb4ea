public import Declarations
public import Kernel
internal import Patterns
public import Routing

/// `strip-prefix` and `rewrite-path` of one route, compiled, in the order written.
///
/// The result is normalised again: an expression can put together what no client could send (`/x../y` less its `/x` climbs).
public struct PathEdits {
    private enum Step {
        case stripPrefix([UInt8])
        case template(PathTemplate)
        case expression(Pattern, PathReplacement)
    }

    private var steps: [Step] = []

    /// What came of it.
    public enum Outcome: Sendable, Equatable {
        /// The path to forward is in the result.
        case edited
        /// The path must not be forwarded: too long, or not a path any more.
        case refused
    }

    /// No edits.
    public init() {}

    /// True when the path stays as it is.
    public var isEmpty: Bool { steps.isEmpty }

    /// Adds a filter if it is one of these; false when it is another.
    public mutating func add(_ filter: FilterDeclaration, captures: CaptureNames) throws(FilterError) -> Bool {
        switch filter {
        case .stripPrefix(let prefix):
            var bytes = Array(prefix.utf8)
            while bytes.last == 0x2F { bytes.removeLast() }
            if !bytes.isEmpty { steps.append(.stripPrefix(bytes)) }
        case .rewritePathTemplate(let text):
            do {
                steps.append(.template(try PathTemplate(text, use: .path, captures: captures)))
            } catch {
                throw FilterError(message: "rewrite-path: \(error)")
            }
        case .rewritePathRegex(let expression, let replacement):
            steps.append(try Self.expression(expression, replacement))
        default: return false
        }
        return true
    }

    private static func expression(_ expression: String, _ replacement: String) throws(FilterError) -> Step {
        let pattern: Pattern
        do {
            pattern = try Pattern(expression, scope: .anywhere)
        } catch {
            throw FilterError(message: "rewrite-path: \(error.message)")
        }
        do {
            return .expression(pattern, try PathReplacement(replacement, pattern: pattern))
        } catch {
            switch error {
            case .unknownGroup(let name):
                throw FilterError(message: "rewrite-path: the expression has no group '\(name)'")
            }
        }
    }

    /// Edits `path` into `result`; `spare` is working room of the same size.
    ///
    /// - Parameters:
    ///   - path: the normalised path that was routed; the captures are ranges of it.
    ///   - normalized: working room for the last step.
    public func apply(
        to path: Span<UInt8>, captures: borrowing PathCaptures, host: Span<UInt8>, result: inout ByteBuffer,
        spare: inout ByteBuffer, normalized: inout [UInt8]
    ) -> Outcome {
        result.clear()
        guard path.count <= result.capacity else { return .refused }
        result.append(path)
        for step in steps {
            swap(&result, &spare)
            result.clear()
            guard apply(step, to: path, captures: captures, host: host, current: spare, into: &result) else {
                return .refused
            }
        }
        switch PathNormalization.normalize(result.readable, into: &normalized) {
        case .alreadyNormal: return .edited
        case .normalized:
            result.clear()
            result.append(normalized)
            return .edited
        case .rejected: return .refused
        }
    }

    private func apply(
        _ step: Step, to path: Span<UInt8>, captures: borrowing PathCaptures, host: Span<UInt8>,
        current: borrowing ByteBuffer, into result: inout ByteBuffer
    ) -> Bool {
        let subject = current.readable
        switch step {
        case .stripPrefix(let prefix):
            let rest = Self.rest(of: subject, behind: prefix)
            if rest == subject.count { result.append("/") }
            result.append(subject.extracting(rest..<subject.count))
        case .template(let template):
            guard template.length(captures: captures, path: path, host: host) <= result.writableCount else {
                return false
            }
            template.write(into: &result, captures: captures, path: path, host: host)
        case .expression(let pattern, let replacement):
            guard pattern.firstMatch(in: subject) == .matched else {
                result.append(subject)
                return true
            }
            return replacement.write(subject, pattern: pattern, into: &result)
        }
        return true
    }

    /// The index behind the prefix when the subject begins with its whole segments, else 0.
    private static func rest(of subject: Span<UInt8>, behind prefix: [UInt8]) -> Int {
        guard subject.count >= prefix.count,
            ByteSearch.equal(subject.extracting(0..<prefix.count), prefix.span),
            subject.count == prefix.count || subject[prefix.count] == 0x2F
        else { return 0 }
        return prefix.count
    }
}

/// A filter that does not compile.
public struct FilterError: Error, Sendable, Equatable {
    /// What is wrong.
    public let message: String

    /// With its message.
    public init(message: String) {
        self.message = message
    }
}
