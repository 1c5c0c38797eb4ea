internal import HTTPModel
internal import Kernel
internal import Patterns

// What is asked of a candidate once its host and its place in the trie fit: method, expression, fields, parameters.

extension RouteRows {
    private enum Answer {
        case holds, fails, gaveUp
    }

    /// Asks all predicates of a candidate, cheap ones first.
    func outcome<Observer: MatchObserver>(
        of candidate: RouteCandidate, _ request: borrowing RouteRequest, _ progress: inout MatchProgress<Observer>
    ) -> CandidateOutcome {
        let expression = candidate.shape.pattern
        if expression != noRow, Observer.seesEverything {
            // Who wants to know why a candidate failed hears of its path before its method.
            let answer = matches(expression, request.path, &progress)
            if answer != .holds { return answer == .fails ? .path : .pathGaveUp }
        }
        let methodFits = candidate.methods & request.method != 0
        if !methodFits {
            progress.methodFailed = true
            if !Observer.looksPastMethod { return .method }
        }
        let first = candidate.predicates
        for index in first..<first &+ Int32(candidate.predicateCount) {
            switch ask(predicates[Int(index)], request, &progress) {
            case .holds: continue
            case .fails: return .predicate(index)
            case .gaveUp: return .predicateGaveUp(index)
            }
        }
        if expression != noRow, !Observer.seesEverything {
            let answer = matches(expression, request.path, &progress)
            if answer != .holds { return answer == .fails ? .path : .pathGaveUp }
        }
        return methodFits ? .matched : .method
    }

    private func matches<Observer: MatchObserver>(
        _ pattern: Int32, _ subject: Span<UInt8>, _ progress: inout MatchProgress<Observer>
    ) -> Answer {
        switch patterns[Int(pattern)].matchesWhole(subject) {
        case .matched: return .holds
        case .notMatched: return .fails
        case .gaveUp:
            progress.patternsGaveUp += 1
            return .gaveUp
        }
    }

    private func ask<Observer: MatchObserver>(
        _ predicate: PredicateRow, _ request: borrowing RouteRequest, _ progress: inout MatchProgress<Observer>
    ) -> Answer {
        switch predicate.place {
        case .header: askFields(predicate, request, &progress)
        case .query: askParameters(predicate, request, &progress)
        }
    }

    private func span(_ start: UInt32, _ count: UInt32) -> Range<Int> {
        Int(start)..<Int(start) + Int(count)
    }

    // MARK: Fields

    /// One of the lines with the name must satisfy the condition; for `absent` there must be none.
    private func askFields<Observer: MatchObserver>(
        _ predicate: PredicateRow, _ request: borrowing RouteRequest, _ progress: inout MatchProgress<Observer>
    ) -> Answer {
        let name = text.span.extracting(span(predicate.nameStart, predicate.nameCount))
        var answer = Answer.fails
        for index in request.fields.indices {
            let entry = request.fields[index]
            guard entry.known == predicate.known, entry.name.count == name.count else { continue }
            if predicate.known == .other {
                guard ByteSearch.equalIgnoringCase(request.head.extracting(entry.name.indices), name) else { continue }
            }
            switch ask(predicate, value: request.head.extracting(entry.value.indices), &progress) {
            case .holds: return predicate.condition == .absent ? .fails : .holds
            case .gaveUp: answer = .gaveUp
            case .fails: continue
            }
        }
        return predicate.condition == .absent ? .holds : answer
    }

    private func ask<Observer: MatchObserver>(
        _ predicate: PredicateRow, value: Span<UInt8>, _ progress: inout MatchProgress<Observer>
    ) -> Answer {
        switch predicate.condition {
        case .present, .absent:
            return .holds
        case .equal:
            let expected = text.span.extracting(span(predicate.valueStart, predicate.valueCount))
            return ByteSearch.equal(value, expected) ? .holds : .fails
        case .pattern:
            return matches(predicate.pattern, value, &progress)
        }
    }

    // MARK: Parameters

    /// One of the parameters with the name must satisfy the condition; for `absent` there must be none.
    private func askParameters<Observer: MatchObserver>(
        _ predicate: PredicateRow, _ request: borrowing RouteRequest, _ progress: inout MatchProgress<Observer>
    ) -> Answer {
        let name = text.span.extracting(span(predicate.nameStart, predicate.nameCount))
        let query = request.query
        var answer = Answer.fails
        var position = 0
        while let parameter = QueryParameter(query, &position) {
            guard QueryParameter.equals(query.extracting(parameter.name), name) else { continue }
            switch ask(predicate, parameter: query.extracting(parameter.value), &progress) {
            case .holds: return predicate.condition == .absent ? .fails : .holds
            case .gaveUp: answer = .gaveUp
            case .fails: continue
            }
        }
        return predicate.condition == .absent ? .holds : answer
    }

    private func ask<Observer: MatchObserver>(
        _ predicate: PredicateRow, parameter value: Span<UInt8>, _ progress: inout MatchProgress<Observer>
    ) -> Answer {
        switch predicate.condition {
        case .present, .absent:
            return .holds
        case .equal:
            let expected = text.span.extracting(span(predicate.valueStart, predicate.valueCount))
            return QueryParameter.equals(value, expected) ? .holds : .fails
        case .pattern:
            guard QueryParameter.isEncoded(value) else { return matches(predicate.pattern, value, &progress) }
            var decoded: [UInt8] = []
            swap(&decoded, &progress.decoded)
            defer { swap(&decoded, &progress.decoded) }
            QueryParameter.decode(value, into: &decoded)
            return matches(predicate.pattern, decoded.span, &progress)
        }
    }
}
