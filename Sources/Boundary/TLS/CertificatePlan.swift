/// Sorts certificates into entries: those that serve the same name with different kinds of keys belong together, so that OpenSSL can
/// choose by what the client is able to verify.
struct CertificatePlan {
    private struct Candidate {
        let index: Int
        let keyKind: Int32
    }

    private var names: [[UInt8]: [Candidate]] = [:]
    /// In the order of the configuration, so that entries do not depend on hashes.
    private var order: [[UInt8]] = []
    private var firstName: [UInt8]?
    private var isFirst = true

    /// Adds a certificate. Of two with the same kind of key, the earlier serves the name.
    mutating func add(_ index: Int, names served: [[UInt8]], keyKind: Int32) {
        let lowercase = served.map { $0.map(ServerNameTable.lowercased) }
        if isFirst { firstName = lowercase.first }
        isFirst = false
        for name in lowercase {
            var candidates = names[name] ?? []
            if candidates.isEmpty { order.append(name) }
            guard !candidates.contains(where: { $0.keyKind == keyKind }) else { continue }
            candidates.append(Candidate(index: index, keyKind: keyKind))
            names[name] = candidates
        }
    }

    /// Lists of certificates, each for one entry, and the entry of every name. Entry 0 holds the first certificate.
    func groups() -> (groups: [[Int]], names: [(name: [UInt8], entry: Int)]) {
        let first = firstName.flatMap { names[$0] }?.map(\.index) ?? [0]
        var groups = [first]
        var numbers = [first: 0]
        var placed: [(name: [UInt8], entry: Int)] = []
        for name in order {
            let group = (names[name] ?? []).map(\.index)
            let entry = numbers[group] ?? groups.count
            if entry == groups.count {
                numbers[group] = entry
                groups.append(group)
            }
            placed.append((name, entry))
        }
        return (groups, placed)
    }
}
