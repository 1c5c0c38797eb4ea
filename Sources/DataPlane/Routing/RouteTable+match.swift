public import HTTPModel
public import Kernel
internal import Patterns

extension RouteTable {
    /// Finds the route of a request. Allocates nothing.
    ///
    /// - Parameters:
    ///   - methodToken: the method's bytes, which tell extension methods apart.
    ///   - host: without port, in any case; may be empty.
    ///   - path: normalised (`PathNormalization`).
    ///   - query: without `?`; empty when there is none.
    ///   - fields: the head's field lines, as ranges of `head`.
    ///   - captures: receives the captures when a route is found.
    public func match(
        method: Method, methodToken: Span<UInt8>, host: Span<UInt8>, path: Span<UInt8>, query: Span<UInt8>,
        fields: borrowing FieldTable, head: Span<UInt8>, captures: inout PathCaptures
    ) -> RouteMatch {
        let count = rows.split(path, &captures.segments)
        let request = RouteRequest(
            method: rows.methodBit(method, methodToken), host: host, path: path, query: query,
            fields: fields.entries.span,
            head: head)
        let first = rows.progress(NoObserver(), request, &captures, segmentCount: count)
        captures.patternsGaveUp = first.patternsGaveUp
        if first.best != endOfList {
            let candidate = rows.candidates[Int(first.best)]
            rows.fill(&captures, candidate.shape, path: path, segmentCount: count)
            return .route(index: Int(candidate.route))
        }
        guard first.methodFailed else { return .notFound }
        let second = rows.progress(AllowObserver(), request, &captures, segmentCount: count)
        let allow = MethodSet(bits: second.observer.methods)
        return allow.isEmpty ? .notFound : .methodNotAllowed(allow: allow)
    }
}

extension RouteRows {
    /// Walks once, watched by `observer`.
    func progress<Observer: MatchObserver>(
        _ observer: Observer, _ request: borrowing RouteRequest, _ captures: inout PathCaptures, segmentCount: Int
    ) -> MatchProgress<Observer> {
        var progress = MatchProgress(observer)
        swap(&progress.decoded, &captures.decoded)
        walk(request, captures.segments.span.extracting(first: segmentCount), &progress)
        swap(&progress.decoded, &captures.decoded)
        return progress
    }

    /// Splits a path into as many segments as the deepest pattern has, and one more if there is one: its presence is all that
    /// matters. Returns how many.
    func split(_ path: Span<UInt8>, _ segments: inout [SegmentMark]) -> Int {
        var marks = segments.mutableSpan
        var count = 0
        // Behind the slash that every normalised path begins with.
        var start = 1
        while count <= depthMax, start <= path.count {
            let scan = ByteSearch.scanSegment(path, from: start)
            marks[count] = SegmentMark(
                start: UInt32(truncatingIfNeeded: start), end: UInt32(truncatingIfNeeded: scan.end),
                hash: UInt32(truncatingIfNeeded: scan.hash))
            count &+= 1
            start = scan.end &+ 1
        }
        return count
    }

    /// The one bit of a request's method.
    func methodBit(_ method: Method, _ token: Span<UInt8>) -> UInt64 {
        guard method == .extension else { return MethodSet.bit(of: method) }
        for index in extensionMethods.indices {
            let known = extensionMethods[index]
            if ByteSearch.equal(known.span, token) { return 1 << UInt64(MethodSet.standardCount + index) }
        }
        return MethodSet.unknown
    }

    /// Tells where the winner's captures lie. Slots that its pattern lacks become empty.
    func fill(_ captures: inout PathCaptures, _ shape: PathShape, path: Span<UInt8>, segmentCount: Int) {
        for slot in 0...Int(shape.slotCount) { captures.ranges[slot] = ByteRange() }
        if shape.tailDepth >= 0, Int(shape.tailDepth) < segmentCount {
            let start = Int(captures.segments[Int(shape.tailDepth)].start)
            captures.ranges[PathCaptures.tailSlot] = ByteRange(start, path.count)
        }
        for index in shape.captures..<shape.captures + Int32(shape.captureCount) {
            let capture = self.captures[Int(index)]
            if shape.pattern == noRow {
                let segment = captures.segments[Int(capture.source)]
                captures.ranges[Int(capture.slot)] = ByteRange(Int(segment.start), Int(segment.end))
            } else if let range = patterns[Int(shape.pattern)].group(Int(capture.source)) {
                captures.ranges[Int(capture.slot)] = ByteRange(range.lowerBound, range.upperBound)
            }
        }
    }
}

// MARK: Allow

extension RouteTable {
    /// Appends the methods as the value of `Allow`, as far as they fit: a list of tokens, standard ones first.
    public func write(allow: MethodSet, into buffer: inout ByteBuffer) {
        var isFirst = true
        for bit in 0..<63 where allow.bits & (1 << UInt64(bit)) != 0 {
            let isStandard = bit < MethodSet.standardCount
            guard isStandard || bit - MethodSet.standardCount < rows.extensionMethods.count else { break }
            // Both texts live as long as the program or the table; a list that does not fit ends early.
            let count =
                isStandard
                ? Self.standard(bit).token.utf8CodeUnitCount
                : rows.extensionMethods[bit - MethodSet.standardCount].count
            guard buffer.writableCount >= count + 2 else { return }
            if !isFirst { buffer.append(", ") }
            isFirst = false
            if isStandard {
                buffer.append(Self.standard(bit).token)
            } else {
                buffer.append(rows.extensionMethods[bit - MethodSet.standardCount])
            }
        }
    }

    /// The tokens in the same order. Allocates.
    public func tokens(of methods: MethodSet) -> [String] {
        var tokens: [String] = []
        for bit in 0..<63 where methods.bits & (1 << UInt64(bit)) != 0 {
            if bit < MethodSet.standardCount {
                tokens.append(Self.standard(bit).token.description)
            } else if bit - MethodSet.standardCount < rows.extensionMethods.count {
                tokens.append(String(decoding: rows.extensionMethods[bit - MethodSet.standardCount], as: UTF8.self))
            }
        }
        return tokens
    }

    private static func standard(_ bit: Int) -> Method {
        Method(rawValue: UInt8(bit)) ?? .extension
    }
}
