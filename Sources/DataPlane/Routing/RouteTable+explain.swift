public import HTTPModel
internal import Kernel

extension RouteTable {
    /// Explains a match: the same walk over the same table, asked not to skip anything. Takes the arguments of `match`.
    ///
    /// A route with several hosts and paths is told by the candidate that came furthest.
    public func explain(
        method: Method, methodToken: Span<UInt8>, host: Span<UInt8>, path: Span<UInt8>, query: Span<UInt8>,
        fields: borrowing FieldTable, head: Span<UInt8>, captures: inout PathCaptures
    ) -> RouteExplanation {
        // 1. The winner, as routing finds it, with its captures.
        let match = match(
            method: method, methodToken: methodToken, host: host, path: path, query: query, fields: fields, head: head,
            captures: &captures)
        // 2. All candidates.
        let count = rows.split(path, &captures.segments)
        let request = RouteRequest(
            method: rows.methodBit(method, methodToken), host: host, path: path, query: query,
            fields: fields.entries.span,
            head: head)
        let progress = rows.progress(ExplanationObserver(), request, &captures, segmentCount: count)
        // 3. The verdict on each route.
        var best: [Int: (progress: Int, entry: RouteExplanation.Entry)] = [:]
        for (rank, candidate) in rows.candidates.enumerated() {
            let route = Int(candidate.route)
            let judged = progress.observer.outcomes[Int32(rank)]
            let entered = progress.observer.enteredGroups.contains(Int(rows.groupOfCandidate[rank]))
            let verdict = verdict(judged, entered: entered, wins: Int32(rank) == progress.best)
            if let known = best[route], known.progress >= verdict.progress { continue }
            let entry = RouteExplanation.Entry(
                routeIndex: route, outcome: verdict.outcome, isCandidate: judged != nil && judged != .path)
            best[route] = (verdict.progress, entry)
        }
        let entries = rankedOrder.compactMap { best[$0]?.entry }
        var explanation = RouteExplanation(entries: entries, winner: nil, notFound: nil)
        switch match {
        case .route(let index):
            explanation.winner = index
        case .methodNotAllowed(let allow):
            explanation.notFound = .method(allow: tokens(of: allow))
        case .notFound:
            explanation.notFound = reason(entries)
        }
        return explanation
    }

    private func reason(_ entries: [RouteExplanation.Entry]) -> RouteExplanation.NotFound {
        if entries.contains(where: { $0.isCandidate }) { return .predicates }
        return entries.contains { $0.outcome != .fails(.host) } ? .path : .host
    }

    /// An outcome in public terms, and how far along the predicates it lies.
    private func verdict(
        _ judged: CandidateOutcome?, entered: Bool, wins: Bool
    ) -> (progress: Int, outcome: RouteExplanation.Outcome) {
        switch judged {
        case nil: return entered ? (1, .fails(.path)) : (0, .fails(.host))
        case .path: return (1, .fails(.path))
        case .pathGaveUp: return (2, .fails(.pathGaveUp))
        case .method: return (3, .fails(.method))
        case .predicate(let index): return (4 + Int(index), .fails(failure(rows.predicates[Int(index)], gaveUp: false)))
        case .predicateGaveUp(let index):
            return (4 + Int(index), .fails(failure(rows.predicates[Int(index)], gaveUp: true)))
        case .matched: return wins ? (.max, .wins) : (.max - 1, .yields)
        }
    }

    private func failure(_ predicate: PredicateRow, gaveUp: Bool) -> RouteExplanation.Failure {
        let start = Int(predicate.nameStart)
        let name = String(decoding: rows.text[start..<start + Int(predicate.nameCount)], as: UTF8.self)
        switch predicate.place {
        case .header: return gaveUp ? .headerGaveUp(name: name) : .header(name: name)
        case .query: return gaveUp ? .queryGaveUp(name: name) : .query(name: name)
        }
    }
}
