public import Declarations
public import HTTPModel
public import Kernel

/// Answers to pages of other origins (the Fetch standard, "CORS protocol"), compiled.
///
/// An origin that is not allowed gets no CORS field at all: the browser then keeps the answer from the page. Requests without
/// `Origin` are nobody's page.
public struct CrossOriginPolicy: Sendable {
    private let exact: [[UInt8]]
    /// Every name below one.
    private struct WildcardOrigin {
        /// With `://`.
        var scheme: [UInt8]
        /// What the rest ends in, with its leading dot.
        var suffix: [UInt8]
    }

    private let suffixes: [WildcardOrigin]
    private let allowsAll: Bool
    /// The lines of an answer to a preflight, beside the origin's own.
    private let preflightLines: [UInt8]
    /// The lines of any other answer, beside the origin's own.
    private let answerLines: [UInt8]

    /// What a request is to the policy.
    public enum Verdict: Sendable, Equatable {
        /// No page of another origin, or one that is not allowed: nothing is added.
        case nothing
        /// The answer is for this page to read.
        case allowed
        /// The browser asks beforehand; the gateway answers.
        case preflight(isAllowed: Bool)
    }

    /// The fields that the policy decides over.
    public static let fieldNames = [
        "Access-Control-Allow-Origin", "Access-Control-Allow-Credentials", "Access-Control-Allow-Methods",
        "Access-Control-Allow-Headers", "Access-Control-Max-Age", "Access-Control-Expose-Headers",
    ]

    /// Compiles a declaration that was checked: `*` does not stand beside credentials.
    public init(_ declaration: CrossOriginDeclaration) {
        allowsAll = declaration.origins.contains("*")
        var exact: [[UInt8]] = []
        var suffixes: [WildcardOrigin] = []
        for origin in declaration.origins where origin != "*" {
            if let star = origin.firstRange(of: "://*.") {
                suffixes.append(
                    WildcardOrigin(
                        scheme: Array(origin[..<star.lowerBound].utf8) + Array("://".utf8),
                        suffix: Array(".".utf8) + Array(origin[star.upperBound...].utf8)))
            } else {
                exact.append(Array(origin.utf8))
            }
        }
        self.exact = exact
        self.suffixes = suffixes
        var shared = ""
        if declaration.allowsCredentials { shared += "Access-Control-Allow-Credentials: true\r\n" }
        var preflight = shared
        let methods = ["GET", "HEAD", "POST"] + declaration.methods.filter { !["GET", "HEAD", "POST"].contains($0) }
        preflight += "Access-Control-Allow-Methods: \(methods.joined(separator: ", "))\r\n"
        if !declaration.headers.isEmpty {
            preflight += "Access-Control-Allow-Headers: \(declaration.headers.joined(separator: ", "))\r\n"
        }
        preflight += "Access-Control-Max-Age: \(declaration.maxAgeSeconds)\r\n"
        if !declaration.exposedHeaders.isEmpty {
            shared += "Access-Control-Expose-Headers: \(declaration.exposedHeaders.joined(separator: ", "))\r\n"
        }
        preflightLines = Array(preflight.utf8)
        answerLines = Array(shared.utf8)
    }

    /// Octets at most that `appendLines` writes for an origin of this length.
    public func bytesMax(originBytes: Int) -> Int {
        max(preflightLines.count, answerLines.count) + originBytes + Self.originFrameBytes
    }

    private static let originFrameBytes = 128
    /// A longer origin is nobody's: a host name has at most 253 characters.
    public static let originBytesMax = 512

    /// Looks at a request.
    /// - Parameters:
    ///   - origin: the value of `Origin`; empty without one.
    ///   - asksMethod: `Access-Control-Request-Method` is there.
    public func verdict(method: Method, origin: Span<UInt8>, asksMethod: Bool) -> Verdict {
        guard !origin.isEmpty else { return .nothing }
        let isAllowed = allows(origin)
        if method == .options, asksMethod { return .preflight(isAllowed: isAllowed) }
        return isAllowed ? .allowed : .nothing
    }

    private func allows(_ origin: Span<UInt8>) -> Bool {
        // A browser writes origins in lower case, and hides one it does not want to tell behind `null`.
        guard Self.isPlain(origin) else { return false }
        if allowsAll { return true }
        for index in exact.indices where Self.equal(exact[index], origin) { return true }
        for wildcard in suffixes {
            let schemeBytes = wildcard.scheme.count
            let suffixBytes = wildcard.suffix.count
            guard origin.count > schemeBytes + suffixBytes else { continue }
            let scheme = origin.extracting(0..<schemeBytes)
            let suffix = origin.extracting((origin.count - suffixBytes)...)
            if Self.equal(wildcard.scheme, scheme), Self.equal(wildcard.suffix, suffix) { return true }
        }
        return false
    }

    private static func equal(_ left: [UInt8], _ right: Span<UInt8>) -> Bool {
        guard left.count == right.count else { return false }
        for index in left.indices where left[index] != right[index] { return false }
        return true
    }

    /// Nothing but what an origin is made of, so that it may be written back.
    private static func isPlain(_ origin: Span<UInt8>) -> Bool {
        guard origin.count <= originBytesMax else { return false }
        for index in origin.indices where origin[index] <= 0x20 || origin[index] >= 0x7F || origin[index] == 0x2C {
            return false
        }
        return true
    }

    /// Appends the lines for the verdict; `origin` is the request's.
    ///
    /// `Vary` goes out whatever the verdict, unless the answer is the same for all origins: a cache must not give one page the
    /// answer of another.
    public func appendLines(_ verdict: Verdict, origin: Span<UInt8>, into out: inout ByteBuffer) {
        if !allowsAll || !answerLines.isEmpty { out.append("Vary: Origin\r\n") }
        let lines: [UInt8]
        switch verdict {
        case .nothing, .preflight(isAllowed: false): return
        case .allowed: lines = answerLines
        case .preflight(isAllowed: true): lines = preflightLines
        }
        out.append("Access-Control-Allow-Origin: ")
        if allowsAll {
            out.append("*")
        } else {
            out.append(origin)
        }
        out.append("\r\n")
        out.append(lines)
    }
}
