internal import Kernel
public import Signatures
internal import Tokens

/// When the keys of which source are fetched, and what is known of them: pure, the time is an argument, in monotonic nanoseconds.
///
/// A set is fetched again before it is old; one that cannot be fetched stays in force. An unknown key is asked for at once, but
/// never more often than the cool-down says, and by one fetch at a time, so that neither a rotation nor invented keys hurt.
public struct KeyBook {
    /// Between two fetches because of unknown keys.
    public static let coolDownNanoseconds: UInt64 = 2_000_000_000
    /// The first and the longest pause after a failure.
    static let pauseNanoseconds: UInt64 = 1_000_000_000
    static let pauseMaxNanoseconds: UInt64 = 30_000_000_000

    /// What to fetch.
    public struct Job: Sendable, Equatable {
        /// Good for one answer.
        public var tag: UInt64
        public var url: String
        public var authoritiesFile: String?
    }

    /// What the shards are to hear.
    public struct News: Sendable, Equatable {
        public var source: String
        /// `nil`: no fetch came about, or the set is what it was and nobody waited for it.
        public var keys: [KeyMaterial]?
        /// For the log; empty when all is as it was before.
        public var remark = ""
        public var isProblem = false
    }

    private enum Step {
        case discovering, fetching
    }

    private struct Entry {
        var source: KeySource
        var state: KeySetState
        var keys: [KeyMaterial] = []
        /// Where discovery said the set is; asked anew after each failure.
        var discoveredURL = ""
        var step: Step?
        var tag: UInt64 = 0
        /// When the next fetch is due.
        var dueAt: UInt64
        /// When the last one began.
        var beganAt: UInt64?
        /// Somebody waits for a key that is not in the set.
        var isWanted = false
        var pause: UInt64 = 0

        /// The same source with other settings.
        mutating func refresh(as source: KeySource) {
            let isOther = source.refreshMilliseconds != self.source.refreshMilliseconds
            self.source = source
            // After a failure it is the pause that counts.
            if isOther, state.fetchedAt > 0, pause == 0 { dueAt = state.fetchedAt + source.refreshNanoseconds }
        }
    }

    private var entries: [Entry] = []
    private var lastTag: UInt64 = 0

    public init() {}

    /// These sources are wanted from now on; those that stay keep their keys.
    /// - Returns: tags of fetches that nobody wants any more.
    public mutating func configure(_ sources: [KeySource], at now: UInt64) -> [UInt64] {
        var next: [Entry] = []
        for source in sources where !next.contains(where: { $0.source.id == source.id }) {
            if var entry = entries.first(where: { $0.source.id == source.id }) {
                entry.refresh(as: source)
                next.append(entry)
            } else {
                next.append(
                    Entry(
                        source: source, state: KeySetState(source: source.id, issuer: source.issuer), dueAt: now))
            }
        }
        let stale = entries.filter { entry in
            entry.step != nil && !next.contains { $0.source.id == entry.source.id }
        }
        entries = next
        return stale.map(\.tag)
    }

    /// A token names a key that is not known. Answered by news in any case, at the latest when the fetch that follows is over.
    public mutating func wanted(_ source: String, at now: UInt64) {
        guard let index = entries.firstIndex(where: { $0.source.id == source }) else { return }
        entries[index].isWanted = true
        guard entries[index].step == nil else { return }
        let earliest = entries[index].beganAt.map { $0 + Self.coolDownNanoseconds } ?? now
        entries[index].dueAt = min(entries[index].dueAt, max(now, earliest))
    }

    /// The fetches that are due.
    public mutating func takeDue(at now: UInt64) -> [Job] {
        var jobs: [Job] = []
        for index in entries.indices where entries[index].step == nil && entries[index].dueAt <= now {
            entries[index].beganAt = now
            let source = entries[index].source
            let url = source.keySetURL.isEmpty ? entries[index].discoveredURL : source.keySetURL
            entries[index].step = url.isEmpty ? .discovering : .fetching
            jobs.append(job(index, url.isEmpty ? source.discoveryURL : url))
        }
        return jobs
    }

    private mutating func job(_ index: Int, _ url: String) -> Job {
        lastTag += 1
        entries[index].tag = lastTag
        return Job(tag: lastTag, url: url, authoritiesFile: entries[index].source.authoritiesFile)
    }

    /// When the next fetch is due; `nil` when none is foreseen.
    public var nextAt: UInt64? { entries.filter { $0.step == nil }.map(\.dueAt).min() }

    /// A fetch is over: with a document, or with a reason why there is none.
    /// - Returns: what the shards are to hear, and a fetch that follows from it.
    public mutating func finished(
        _ tag: UInt64, _ outcome: Result<[UInt8], KeyFetchProblem>, at now: UInt64
    ) -> (news: News?, next: Job?) {
        guard let index = entries.firstIndex(where: { $0.step != nil && $0.tag == tag }) else { return (nil, nil) }
        let document: [UInt8]
        switch outcome {
        case .failure(let problem): return (failed(index, problem.text, at: now), nil)
        case .success(let bytes): document = bytes
        }
        if entries[index].step == .discovering {
            switch DiscoveryDocument.keySetURL(in: document, issuer: entries[index].source.issuer) {
            case .failure(let problem): return (failed(index, problem.text, at: now), nil)
            case .success(let url):
                entries[index].discoveredURL = url
                entries[index].step = .fetching
                return (nil, job(index, url))
            }
        }
        do throws(KeySetProblem) {
            return (fetched(index, try KeySetDocument(document.span), at: now), nil)
        } catch {
            let text =
                switch error {
                case .notReadable(let failure): "the key set is not readable JSON (octet \(failure.offset))"
                case .noKeys: "the key set is no JSON object with a list `keys`"
                }
            return (failed(index, text, at: now), nil)
        }
    }

    private mutating func fetched(_ index: Int, _ document: KeySetDocument, at now: UInt64) -> News {
        let isFirst = entries[index].state.fetchedAt == 0
        let hadProblem = !entries[index].state.problem.isEmpty
        // A shard that waits may know less than we told: a reload forgets what the next one wants again.
        let isWanted = entries[index].isWanted
        let isChanged = isFirst || entries[index].keys != document.keys
        entries[index].keys = document.keys
        entries[index].state.keys = document.keys.count
        entries[index].state.skipped = document.skipped.count
        entries[index].state.fetchedAt = now
        entries[index].state.fetches += 1
        entries[index].state.problem = ""
        entries[index].pause = 0
        over(index, dueAt: now + entries[index].source.refreshNanoseconds)
        var news = News(source: entries[index].source.id)
        if isChanged || isWanted { news.keys = document.keys }
        if isChanged || hadProblem {
            news.remark =
                "the key set has \(document.keys.count) keys that can be used, \(document.skipped.count) that cannot"
            news.isProblem = document.keys.isEmpty
        }
        return news
    }

    private mutating func failed(_ index: Int, _ problem: String, at now: UInt64) -> News {
        let isNew = entries[index].state.problem != problem
        entries[index].state.failures += 1
        entries[index].state.problem = problem
        entries[index].discoveredURL = ""
        entries[index].pause = min(
            Self.pauseMaxNanoseconds, max(Self.pauseNanoseconds, entries[index].pause * 2))
        over(index, dueAt: now + entries[index].pause)
        return News(
            source: entries[index].source.id, keys: nil, remark: isNew ? problem : "", isProblem: isNew)
    }

    private mutating func over(_ index: Int, dueAt: UInt64) {
        entries[index].step = nil
        entries[index].isWanted = false
        entries[index].dueAt = dueAt
    }

    /// What is known of all sources.
    public var states: [KeySetState] { entries.map(\.state) }

    /// The issuer of a source, for the log.
    public func issuer(of source: String) -> String {
        entries.first { $0.source.id == source }?.source.issuer ?? source
    }
}

/// Why a document could not be had.
public struct KeyFetchProblem: Error, Sendable, Equatable {
    /// For the log: what happened, without a full stop.
    public var text: String

    public init(_ text: String) {
        self.text = text
    }
}

/// What an issuer says of itself (OpenID Connect Discovery 1.0 §4).
enum DiscoveryDocument {
    /// `jwks_uri`. The document must be that of this issuer: another one's would bring another one's keys.
    static func keySetURL(in document: [UInt8], issuer: String) -> Result<String, KeyFetchProblem> {
        var reader = JSONReader(
            limits: JSONLimits(bytesMax: 262_144, depthMax: 16, nodesMax: 16_384, membersMax: 1_024))
        do throws(JSONFailure) {
            try reader.read(document.span)
        } catch {
            return .failure(KeyFetchProblem("the discovery document is not readable JSON (octet \(error.offset))"))
        }
        let object = reader.object(of: document.span)
        guard let named = object.member("issuer")?.string, named == issuer else {
            return .failure(KeyFetchProblem("the discovery document is that of another issuer"))
        }
        guard let url = object.member("jwks_uri")?.string, url.hasPrefix("https://") || url.hasPrefix("http://") else {
            return .failure(KeyFetchProblem("the discovery document has no `jwks_uri`"))
        }
        // Whoever is asked over TLS must not send us elsewhere without it.
        guard !issuer.hasPrefix("https://") || url.hasPrefix("https://") else {
            return .failure(KeyFetchProblem("the discovery document leads to a key set without TLS"))
        }
        return .success(url)
    }
}
