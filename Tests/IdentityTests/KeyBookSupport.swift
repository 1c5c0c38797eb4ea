import Identity
import Signatures
import Testing

/// A book and its clock, in seconds.
struct Ledger {
    var book = KeyBook()
    var time = 1_000.0
    /// The fetches that were begun, and when.
    private(set) var begun: [(url: String, at: Double)] = []

    private var now: UInt64 { UInt64(time * 1_000) * 1_000_000 }

    init(_ sources: [KeySource] = [.direct()]) {
        configure(sources)
    }

    @discardableResult
    mutating func configure(_ sources: [KeySource]) -> [UInt64] { book.configure(sources, at: now) }

    mutating func wanted(_ source: String = "direct") { book.wanted(source, at: now) }

    mutating func takeDue() -> [KeyBook.Job] {
        let jobs = book.takeDue(at: now)
        begun += jobs.map { ($0.url, time) }
        return jobs
    }

    /// The only fetch that is due.
    mutating func takeOne(sourceLocation: SourceLocation = #_sourceLocation) throws -> KeyBook.Job {
        let jobs = takeDue()
        #expect(jobs.count == 1, sourceLocation: sourceLocation)
        return try #require(jobs.first, sourceLocation: sourceLocation)
    }

    mutating func succeeded(_ job: KeyBook.Job, _ document: String) -> (news: KeyBook.News?, next: KeyBook.Job?) {
        book.finished(job.tag, .success(Array(document.utf8)), at: now)
    }

    mutating func failed(_ job: KeyBook.Job, _ problem: String = "refused") -> KeyBook.News? {
        book.finished(job.tag, .failure(KeyFetchProblem(problem)), at: now).news
    }

    /// Seconds until the next fetch; `nil` when none is foreseen.
    var pause: Double? { book.nextAt.map { (Double($0) / 1e9 * 1_000).rounded() / 1_000 - time } }

    /// Fetches the only source at once and gives it this set.
    mutating func fetch(_ document: String) throws -> KeyBook.News {
        let job = try takeOne()
        let news = succeeded(job, document).news
        return try #require(news)
    }
}

extension KeySource {
    static func direct(_ id: String = "direct", refreshSeconds: Int = 300) -> KeySource {
        KeySource(
            id: id, issuer: "https://id/\(id)", keySetURL: "https://id/\(id)/certs", authoritiesFile: nil,
            refreshMilliseconds: refreshSeconds * 1_000)
    }

    static func discovered(issuer: String = "https://id/realm", id: String = "discovered") -> KeySource {
        KeySource(id: id, issuer: issuer, keySetURL: "", authoritiesFile: "ca.pem", refreshMilliseconds: 300_000)
    }
}

/// A key set with keys of these names, all the same key.
func keySet(_ names: String...) -> String {
    let x = "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE"
    return #"{"keys":["#
        + names.map { #"{"kty":"OKP","crv":"Ed25519","x":"\#(x)","kid":"\#($0)"}"# }.joined(separator: ",") + "]}"
}

extension KeyBook.News {
    var names: [String?]? { keys?.map(\.identifier) }
}
