internal import HTTPModel
internal import Kernel

// The walk from a request to candidates: hosts, then the trie of each, then expressions. One copy of it serves routing, `Allow` and
// `explain`; see `MatchObserver`.

extension RouteRows {
    /// Looks at the candidates of all hosts that fit: the exact name, the suffixes, and no host.
    ///
    /// A better rank may hide under a less specific host (by priority), so none is left out unless its best rank is no better.
    func walk<Observer: MatchObserver>(
        _ request: borrowing RouteRequest, _ segments: Span<SegmentMark>, _ progress: inout MatchProgress<Observer>
    ) {
        if groups.count > 1 { walkNamedHosts(request, segments, &progress) }
        walk(group: 0, request, segments, &progress)
    }

    private func walkNamedHosts<Observer: MatchObserver>(
        _ request: borrowing RouteRequest, _ segments: Span<SegmentMark>, _ progress: inout MatchProgress<Observer>
    ) {
        // A name may be written with the dot of the root (RFC 3986 §3.2.2).
        var count = request.host.count
        if count > 1, request.host[count - 1] == 0x2E { count -= 1 }
        guard count > 0, count <= RouteLimits.hostBytesMax else { return }
        let host = request.host.extracting(0..<count)
        let exact = group(of: host, from: 0, in: hosts.exact)
        if exact != noRow { walk(group: Int(exact), request, segments, &progress) }
        // Mostly the exact name has found something that no suffix can beat.
        guard hosts.suffixBest < progress.bound else { return }
        var labels = 1
        // From the back; at least one label, which is not empty, stands in front of a suffix.
        var index = count - 1
        while index > 0 {
            if host[index] == 0x2E {
                if host[index - 1] != 0x2E, hosts.suffixLabels & (1 << UInt64(min(63, labels))) != 0 {
                    let suffix = group(of: host, from: index + 1, in: hosts.suffixes)
                    if suffix != noRow { walk(group: Int(suffix), request, segments, &progress) }
                }
                labels += 1
            }
            index -= 1
        }
    }

    private func group(of host: Span<UInt8>, from start: Int, in rows: [HostRow]) -> Int32 {
        let mask = rows.count - 1
        let hash = ByteSearch.hashIgnoringCase(host, from: start)
        var place = Int(truncatingIfNeeded: hash) & mask
        while rows[place].group != noRow {
            let row = rows[place]
            if row.hash == hash, Int(row.textCount) == host.count - start {
                let name = text.span.extracting(Int(row.textStart)..<Int(row.textStart) + Int(row.textCount))
                if ByteSearch.equalIgnoringCase(host.extracting(start..<host.count), name) { return row.group }
            }
            place = (place + 1) & mask
        }
        return noRow
    }

    private func walk<Observer: MatchObserver>(
        group: Int, _ request: borrowing RouteRequest, _ segments: Span<SegmentMark>,
        _ progress: inout MatchProgress<Observer>
    ) {
        progress.observer.entered(group: group)
        let row = groups[group]
        guard row.best < progress.bound else { return }
        walk(node: row.root, request, segments, &progress)
        // Expressions come last: most are never run, because something before them has won.
        judge(list: row.expressions, request, &progress)
    }

    /// Walks down from a node: literals first, the wildcard child of the same node afterwards, and the tails on the way back.
    ///
    /// A node is entered at most once, for it can be reached on one way only; and no deeper than patterns go.
    private func walk<Observer: MatchObserver>(
        node start: Int32, _ request: borrowing RouteRequest, _ segments: Span<SegmentMark>,
        _ progress: inout MatchProgress<Observer>
    ) {
        var node = start
        var row = nodes[Int(start)]
        let startDepth = row.depth
        while true {
            let depth = Int(row.depth)
            if depth == segments.count {
                judge(list: row.ends, request, &progress)
                break
            }
            let segment = segments[depth]
            var next = noRow
            if row.hasLiterals {
                next = child(of: node, segment, request.path)
                if next != noRow, nodes[Int(next)].best >= progress.bound { next = noRow }
            }
            if row.any != noRow, segment.start != segment.end {
                if next != noRow { walk(node: next, request, segments, &progress) }
                // The literal way may just have found something that the other cannot beat.
                next = nodes[Int(row.any)].best < progress.bound ? row.any : noRow
            }
            guard next != noRow else { break }
            node = next
            row = nodes[Int(next)]
        }
        // The tails of this node and of those above it, down to where this walk began: whoever called has the rest.
        var tail = row.tailNode
        while tail != noRow {
            let row = nodes[Int(tail)]
            guard row.depth >= startDepth else { break }
            judge(list: row.tails, request, &progress)
            tail = row.outerTailNode
        }
    }

    /// Where the search for a literal child begins, before it is cut to the table's size.
    static func literalPlace(parent: Int32, hash: UInt32) -> Int {
        Int(truncatingIfNeeded: hash ^ (UInt32(bitPattern: parent) &* 0x9E37_79B9))
    }

    @inline(__always)
    private func child(of parent: Int32, _ segment: SegmentMark, _ path: Span<UInt8>) -> Int32 {
        var place = Self.literalPlace(parent: parent, hash: segment.hash) & literalMask
        while nodes[place].parent != noRow {
            if nodes[place].hash == segment.hash, nodes[place].parent == parent {
                let count = segment.end &- segment.start
                if UInt32(nodes[place].textCount) == count {
                    let start = Int(nodes[place].textStart)
                    let literal = text.span.extracting(start..<start &+ Int(count))
                    if ByteSearch.holds(path, from: Int(segment.start), literal) {
                        return Int32(truncatingIfNeeded: place)
                    }
                }
            }
            place = (place &+ 1) & literalMask
        }
        return noRow
    }

    /// Judges the ranks of a list that could still win, in order.
    @inline(__always)
    private func judge<Observer: MatchObserver>(
        list: Int32, _ request: borrowing RouteRequest, _ progress: inout MatchProgress<Observer>
    ) {
        guard list >= 0 else {
            if ~list < progress.bound { judge(rank: ~list, request, &progress) }
            return
        }
        var place = Int(list)
        while lists[place] < progress.bound {
            judge(rank: lists[place], request, &progress)
            place &+= 1
        }
    }

    private func judge<Observer: MatchObserver>(
        rank: Int32, _ request: borrowing RouteRequest, _ progress: inout MatchProgress<Observer>
    ) {
        let candidate = candidates[Int(rank)]
        let outcome = outcome(of: candidate, request, &progress)
        progress.observer.judged(rank: rank, candidate, outcome)
        if outcome == .matched {
            progress.best = min(progress.best, rank)
            if !Observer.seesEverything { progress.bound = progress.best }
        }
    }
}
