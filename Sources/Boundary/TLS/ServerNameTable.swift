/// Which certificate entry serves a name: exact names first, then wildcards for one label (RFC 6125 §6.4.3). Immutable, flat, and
/// searched without allocating. Letters count regardless of case.
struct ServerNameTable {
    private struct Name {
        var start: Int
        var count: Int
        var entry: Int
    }

    private var octets: [UInt8] = []
    private var exact: [Name] = []
    /// The part behind `*.`.
    private var wildcards: [Name] = []

    /// From names with the entries that serve them; the first of equal names counts.
    init(_ names: [(name: [UInt8], entry: Int)]) {
        for (name, entry) in names {
            let isWildcard = name.count > 2 && name[0] == 0x2A && name[1] == 0x2E
            let text = (isWildcard ? name[2...] : name[...]).map(Self.lowercased)
            let record = Name(start: octets.count, count: text.count, entry: entry)
            guard !text.isEmpty else { continue }
            octets += text
            if isWildcard { wildcards.append(record) } else { exact.append(record) }
        }
        exact = sorted(exact)
        wildcards = sorted(wildcards)
    }

    /// The entry for a name; `nil` when no certificate has it. A dot at the end is ignored.
    func entry(for name: Span<UInt8>) -> Int? {
        var name = name
        if name.count > 1, name[name.count - 1] == 0x2E { name = name.extracting(droppingLast: 1) }
        if let entry = find(name, in: exact) { return entry }
        guard !wildcards.isEmpty else { return nil }
        for index in name.indices where name[index] == 0x2E {
            // The star stands for one label that is not empty.
            return index == 0 ? nil : find(name.extracting((index + 1)...), in: wildcards)
        }
        return nil
    }

    static func lowercased(_ byte: UInt8) -> UInt8 {
        byte >= 0x41 && byte <= 0x5A ? byte | 0x20 : byte
    }

    private func find(_ name: Span<UInt8>, in names: [Name]) -> Int? {
        var low = 0
        var high = names.count
        while low < high {
            let middle = (low + high) / 2
            let order = compare(names[middle], name)
            if order == 0 { return names[middle].entry }
            if order < 0 { low = middle + 1 } else { high = middle }
        }
        return nil
    }

    /// Below, at or above 0 as the stored name comes before, at or behind the other. Shorter names come first.
    private func compare(_ stored: Name, _ name: Span<UInt8>) -> Int {
        if stored.count != name.count { return stored.count - name.count }
        for index in name.indices {
            let difference = Int(octets[stored.start + index]) - Int(Self.lowercased(name[index]))
            if difference != 0 { return difference }
        }
        return 0
    }

    private func sorted(_ names: [Name]) -> [Name] {
        var result: [Name] = []
        for name in names.enumerated().sorted(by: { left, right in
            let order = compare(
                left.element, octets[right.element.start..<right.element.start + right.element.count].span)
            return order == 0 ? left.offset < right.offset : order < 0
        }) {
            let text = octets[name.element.start..<name.element.start + name.element.count]
            if let last = result.last, compare(last, text.span) == 0 { continue }
            result.append(name.element)
        }
        return result
    }
}
