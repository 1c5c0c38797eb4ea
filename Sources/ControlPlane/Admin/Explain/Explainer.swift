public import Declarations
internal import Filters
internal import HTTP1
internal import HTTPModel
internal import Kernel
public import Routing

/// Answers `martlet explain`, by the parser, the normalisation, the table and the filters that serve requests.
public struct Explainer {
    private let declaration: GatewayDeclaration
    private let table: RouteTable

    /// Octets of a path after its edits, as on a shard.
    private static let pathBytesMax = 16_384

    /// Compiles the routes.
    public init(_ declaration: GatewayDeclaration) throws(RouteTableError) {
        self.declaration = declaration
        table = try RouteTable(declaration.routes)
    }

    /// 1. Parse the head. 2. Normalise the path. 3. Ask the table. 4. Follow the winner.
    public func explain(_ sketch: RequestSketch) -> RequestExplanation {
        let limits = declaration.limits
        var head = RequestHead(fieldLimit: limits.requestFields)
        let bytes = sketch.head.span
        let outcome = RequestHeadParser.parse(
            bytes, into: &head,
            limits: HeadLimits(
                headBytes: limits.requestHeadBytes, targetBytes: limits.requestTargetBytes,
                fields: limits.requestFields))
        switch outcome {
        case .complete: break
        case .failed(let error): return refused(error, error.title.description)
        case .incomplete: return refused(.badRequest, "the head does not end")
        }
        return explain(head, bytes)
    }

    private func refused(_ error: GatewayError, _ reason: String) -> RequestExplanation {
        RequestExplanation(verdict: .refused(error, reason: reason))
    }

    private func explain(_ head: borrowing RequestHead, _ bytes: Span<UInt8>) -> RequestExplanation {
        var explanation = refused(.badRequest, "")
        explanation.method = ByteText.string(bytes.extracting(head.methodToken.indices))
        explanation.host = ByteText.string(bytes.extracting(head.host.indices))
        explanation.receivedPath = ByteText.string(bytes.extracting(head.path.indices))
        if head.hasQuery { explanation.query = ByteText.string(bytes.extracting(head.query.indices)) }
        var path: [UInt8] = head.form == .asterisk ? [0x2A] : []
        if head.form != .asterisk {
            switch PathNormalization.normalize(bytes.extracting(head.path.indices), into: &path) {
            case .normalized: break
            case .alreadyNormal: path = Array(explanation.receivedPath.utf8)
            case .rejected(let defect):
                explanation.verdict = .refused(.badRequest, reason: defect.text.description)
                return explanation
            }
        }
        explanation.path = String(decoding: path, as: UTF8.self)
        match(head, bytes, path.span, &explanation)
        return explanation
    }

    private func match(
        _ head: borrowing RequestHead, _ bytes: Span<UInt8>, _ path: Span<UInt8>,
        _ explanation: inout RequestExplanation
    ) {
        var captures = PathCaptures()
        let host = bytes.extracting(head.host.indices)
        let found = table.explain(
            method: head.method, methodToken: bytes.extracting(head.methodToken.indices), host: host, path: path,
            query: bytes.extracting(head.query.indices), fields: head.fields, head: bytes, captures: &captures)
        explanation.rows = found.entries.map { entry in
            RequestExplanation.Row(
                route: declaration.routes[entry.routeIndex], outcome: entry.outcome, isCandidate: entry.isCandidate)
        }
        guard let index = found.winner else {
            explanation.verdict = .notFound(found.notFound ?? .path)
            return
        }
        explanation.verdict = .route(winner(declaration.routes[index], captures, path, host))
    }

    private func winner(
        _ route: RouteDeclaration, _ captures: borrowing PathCaptures, _ path: Span<UInt8>, _ host: Span<UInt8>
    ) -> RequestExplanation.Winner {
        var winner = RequestExplanation.Winner(route: route)
        let names = CaptureNames(route.match)
        switch route.action {
        case .forward(let upstream):
            winner.destinations = destinations([SplitTargetDeclaration(upstream: upstream, weight: 1)])
        case .split(let targets): winner.destinations = destinations(targets)
        case .redirect(let redirect):
            guard let template = try? PathTemplate(redirect.location, use: .location, captures: names) else { break }
            let length = template.length(captures: captures, path: path, host: host)
            var location = ByteBuffer(capacity: max(1, length))
            template.write(into: &location, captures: captures, path: path, host: host)
            winner.location = ByteText.string(location.readable)
        case .respond: break
        }
        guard !winner.destinations.isEmpty else { return winner }
        winner.forwardedPath = forwardedPath(route, names, captures, path, host)
        winner.pathRefused = winner.forwardedPath == nil
        return winner
    }

    private func destinations(_ targets: [SplitTargetDeclaration]) -> [RequestExplanation.Destination] {
        let sum = targets.reduce(0) { $0 + $1.weight }
        return targets.compactMap { target in
            declaration.upstreams.first { $0.id == target.upstream }.map {
                RequestExplanation.Destination(upstream: $0, weight: target.weight, weightSum: sum)
            }
        }
    }

    /// `nil` when the filters refuse the path.
    private func forwardedPath(
        _ route: RouteDeclaration, _ names: CaptureNames, _ captures: borrowing PathCaptures, _ path: Span<UInt8>,
        _ host: Span<UInt8>
    ) -> String? {
        var edits = PathEdits()
        for filter in route.filters {
            guard (try? edits.add(filter, captures: names)) != nil else { return nil }
        }
        var result = ByteBuffer(capacity: Self.pathBytesMax)
        var spare = ByteBuffer(capacity: Self.pathBytesMax)
        var normalized: [UInt8] = []
        let outcome = edits.apply(
            to: path, captures: captures, host: host, result: &result, spare: &spare, normalized: &normalized)
        return outcome == .edited ? ByteText.string(result.readable) : nil
    }
}
