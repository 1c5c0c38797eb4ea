/// Finds the valid word that a wrong one was probably meant to be.
enum Spelling {
    /// The candidate nearest to `word`, or `nil` when none is near. Letter case and `_` against `-` count for nothing. What other
    /// gateways call the same thing is the nearest of all.
    static func nearest(to word: String, among candidates: [String]) -> String? {
        let wanted = folded(word)
        guard !wanted.isEmpty, wanted.count <= 64 else { return nil }
        if let ours = ForeignWords.ours(for: String(decoding: wanted, as: UTF8.self), among: candidates) { return ours }
        var best: (candidate: String, distance: Int)?
        for candidate in candidates.prefix(2_000) {
            let other = folded(candidate)
            // A third of the letters may be wrong, and one in a short word.
            let limit = min(max(wanted.count, other.count) <= 3 ? 1 : max(wanted.count, other.count) / 3, 3)
            guard abs(other.count - wanted.count) <= limit else { continue }
            let distance = distance(wanted, other)
            if distance <= limit, distance < best?.distance ?? .max { best = (candidate, distance) }
        }
        return best?.candidate ?? candidates.first { hasWords(of: word, $0) }
    }

    /// The candidate has all words of a compound word, in their order: `set-header` is short for `set-request-header`.
    private static func hasWords(of word: String, _ candidate: String) -> Bool {
        let words = folded(word).split(separator: UInt8(ascii: "-"))
        var rest = folded(candidate).split(separator: UInt8(ascii: "-"))[...]
        for word in words {
            guard let place = rest.firstIndex(of: word) else { return false }
            rest = rest[(place + 1)...]
        }
        return words.count > 1
    }

    private static func folded(_ word: String) -> [UInt8] {
        word.utf8.map { byte in
            switch byte {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"): byte | 0x20
            case UInt8(ascii: "_"): UInt8(ascii: "-")
            default: byte
            }
        }
    }

    /// Insertions, deletions, replacements and swaps of neighbours (the optimal string alignment distance).
    static func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
        var beforePrevious = [Int](repeating: 0, count: right.count + 1)
        var previous = Array(0...right.count)
        for row in left.indices {
            var current = [row + 1]
            current.reserveCapacity(right.count + 1)
            for column in right.indices {
                let replaced = previous[column] + (left[row] == right[column] ? 0 : 1)
                var cost = min(replaced, previous[column + 1] + 1, current[column] + 1)
                if row > 0, column > 0, left[row] == right[column - 1], left[row - 1] == right[column] {
                    cost = min(cost, beforePrevious[column - 1] + 1)
                }
                current.append(cost)
            }
            (beforePrevious, previous) = (previous, current)
        }
        return previous[right.count]
    }
}
