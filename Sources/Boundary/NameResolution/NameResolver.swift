public import Kernel

/// Resolves host names to addresses with their time to live, by c-ares. It blocks: for threads of the control plane.
///
/// What it asks, in this order: nobody, when the host is a literal address; the hosts file; the servers given, or else those of
/// `/etc/resolv.conf` with its search list. It keeps nothing between calls, so a changed file is seen by the next one. When one
/// family answers and the other fails, the one's addresses are the result.
public struct NameResolver: Sendable {
    /// Servers to ask; those beyond are not asked.
    public static let serversMax = 8
    /// Names that are asked for at a time; the others of a batch wait for their turn.
    public static let namesAtOnceMax = 64

    private let servers: [SocketAddress]
    private let families: AddressFamilies?

    /// - Parameters:
    ///   - servers: whom to ask; none: those of `/etc/resolv.conf`.
    ///   - families: what to ask for; `nil`: what the machine has addresses of when it is asked.
    public init(servers: [SocketAddress] = [], families: AddressFamilies? = nil) {
        self.servers = Array(servers.prefix(Self.serversMax))
        self.families = families
    }

    /// A server as it is written in configuration: `ADDRESS` or `ADDRESS:PORT`, an IPv6 address before a port in brackets. Without
    /// a port it is 53. `nil` for anything else.
    public static func server(_ text: String) -> SocketAddress? {
        if let address = SocketAddress(literal: text, port: 53) { return address }
        guard let colon = text.lastIndex(of: ":") else { return nil }
        var host = text[..<colon]
        let digits = text[text.index(after: colon)...]
        let isBracketed = host.hasPrefix("[") && host.hasSuffix("]")
        if isBracketed { host = host.dropFirst().dropLast() }
        guard digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let port = UInt16(digits), port > 0,
            let address = SocketAddress(literal: String(host), port: port), host.contains(":") == isBracketed
        else { return nil }
        return address
    }

    /// Resolves one name.
    public func resolve(
        host: String, port: UInt16, timeoutMilliseconds: Int
    ) throws(NameResolutionError) -> Resolution {
        try resolve([NamedAddress(host: host, port: port)], timeoutMilliseconds: timeoutMilliseconds)[0].get()
    }

    /// Resolves many names together; results are in the order of the names. All of them share the time: it bounds the whole call.
    public func resolve(
        _ names: [NamedAddress], timeoutMilliseconds: Int
    ) -> [Result<Resolution, NameResolutionError>] {
        var lookups: [String: Lookup] = [:]
        for name in names where lookups[name.host] == nil { lookups[name.host] = Lookup(host: name.host) }
        // By name, so that what is asked does not depend on the dictionary's mood.
        let all = lookups.values.sorted { $0.host < $1.host }
        let budget = WaitBudget(milliseconds: timeoutMilliseconds)
        do throws(NameResolutionError.Cause) {
            try resolve(all, budget)
        } catch {
            for lookup in all where lookup.isOpen { lookup.fail(error) }
        }
        return names.map { name in
            guard let lookup = lookups[name.host] else { preconditionFailure("every host has got its lookup above") }
            return lookup.result(port: name.port, askedAt: serversText)
        }
    }

    /// 1. Literals and what is no name. 2. The hosts file. 3. The servers. 4. Once more, to learn why a server did not help.
    private func resolve(_ all: [Lookup], _ budget: WaitBudget) throws(NameResolutionError.Cause) {
        for lookup in all { lookup.settleWithoutAsking() }

        let known = families ?? .ofThisMachine(countsLoopback: true)
        try ask(all.filter(\.isOpen), .hostsFile, .both, budget)
        for lookup in all where lookup.isOpen { lookup.concludeHostsFile(keeping: known) }

        let wanted = families ?? .ofThisMachine(countsLoopback: false)
        try ask(all.filter(\.isOpen), .servers, wanted, budget)
        for lookup in all where lookup.isOpen { lookup.conclude(budget) }

        // c-ares passes over a server that answers SERVFAIL or REFUSED, and says in the end that it could reach nobody.
        let unclear = all.filter(\.isUnreachable)
        guard !unclear.isEmpty, !budget.isSpent else { return }
        for lookup in unclear { lookup.reopen() }
        try ask(unclear, .firstAnswer, wanted, budget)
        for lookup in unclear { lookup.conclude(budget) }
    }

    private func ask(
        _ lookups: [Lookup], _ source: Channel.Source, _ families: AddressFamilies, _ budget: WaitBudget
    ) throws(NameResolutionError.Cause) {
        guard !lookups.isEmpty else { return }
        let channel = try Channel(source, servers: servers, timeoutMilliseconds: budget.milliseconds)
        channel.ask(lookups, families, atOnce: Self.namesAtOnceMax, budget)
    }

    private var serversText: String {
        servers.isEmpty ? "the servers of /etc/resolv.conf" : servers.map(\.text).joined(separator: ", ")
    }
}

/// The time that a call may take in all.
struct WaitBudget {
    let milliseconds: Int
    private let end: UInt64

    init(milliseconds: Int) {
        self.milliseconds = max(1, milliseconds)
        end = SystemClock.monotonicNanoseconds() + UInt64(self.milliseconds) * 1_000_000
    }

    /// What is left, rounded up.
    var remainingMilliseconds: Int {
        let now = SystemClock.monotonicNanoseconds()
        return now >= end ? 0 : Int((end - now + 999_999) / 1_000_000)
    }

    var isSpent: Bool { remainingMilliseconds == 0 }
}
