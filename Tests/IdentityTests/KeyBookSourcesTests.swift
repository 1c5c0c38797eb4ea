import Identity
import Testing

@Suite struct KeyBookSourcesTests {
    private let document = #"{"issuer":"https://id/realm","jwks_uri":"https://keys.example/set"}"#

    // MARK: Discovery

    @Test func `the issuer's document says where the set is, and is not asked again`() throws {
        var ledger = Ledger([.discovered()])
        let first = try ledger.takeOne()
        #expect(first.url == "https://id/realm/.well-known/openid-configuration")
        #expect(first.authoritiesFile == "ca.pem")
        let (news, next) = ledger.succeeded(first, document)
        #expect(news == nil)
        let second = try #require(next)
        #expect(second.url == "https://keys.example/set" && second.tag != first.tag)
        #expect(second.authoritiesFile == "ca.pem")
        // One fetch still, and the answer of the first counts for nothing any more.
        #expect(ledger.takeDue().isEmpty && ledger.pause == nil)
        #expect(ledger.succeeded(first, document).next == nil)
        #expect(ledger.succeeded(second, keySet("a")).news?.names == ["a"])
        ledger.time += 300
        #expect(try ledger.takeOne().url == "https://keys.example/set")
    }

    @Test func `after a failure the document is asked anew`() throws {
        var ledger = Ledger([.discovered()])
        let first = try ledger.takeOne()
        let answer = ledger.succeeded(first, document)
        let second = try #require(answer.next)
        _ = ledger.failed(second)
        ledger.time += 1
        #expect(try ledger.takeOne().url == first.url)
    }

    @Test(arguments: [
        (
            #"{"issuer":"https://id/other","jwks_uri":"https://id/set"}"#,
            "the discovery document is that of another issuer"
        ),
        (
            #"{"issuer":"https://id/realm/","jwks_uri":"https://id/set"}"#,
            "the discovery document is that of another issuer"
        ),
        (#"{"jwks_uri":"https://id/set"}"#, "the discovery document is that of another issuer"),
        (#"{"issuer":"https://id/realm"}"#, "the discovery document has no `jwks_uri`"),
        (#"{"issuer":"https://id/realm","jwks_uri":1}"#, "the discovery document has no `jwks_uri`"),
        (#"{"issuer":"https://id/realm","jwks_uri":"file:///etc/passwd"}"#, "the discovery document has no `jwks_uri`"),
        (
            #"{"issuer":"https://id/realm","jwks_uri":"http://id/set"}"#,
            "the discovery document leads to a key set without TLS"
        ),
        ("no", "the discovery document is not readable JSON (octet 0)"),
        ("[]", "the discovery document is not readable JSON (octet 0)"),
    ])
    func `a document that is not the issuer's leads nowhere`(document: String, problem: String) throws {
        var ledger = Ledger([.discovered()])
        let job = try ledger.takeOne()
        let (news, next) = ledger.succeeded(job, document)
        #expect(next == nil)
        #expect(news?.remark == problem && news?.keys == nil && news?.isProblem == true)
        #expect(ledger.pause == 1)
    }

    @Test func `an issuer without TLS may have its set anywhere`() throws {
        var ledger = Ledger([.discovered(issuer: "http://id/realm/")])
        let job = try ledger.takeOne()
        // The issuer's last slash is not doubled.
        #expect(job.url == "http://id/realm/.well-known/openid-configuration")
        let next = ledger.succeeded(job, #"{"issuer":"http://id/realm/","jwks_uri":"http://id/set"}"#).next
        #expect(next?.url == "http://id/set")
    }

    @Test func `a key that is wanted while the document is asked for is answered once`() throws {
        var ledger = Ledger([.discovered()])
        let first = try ledger.takeOne()
        ledger.wanted("discovered")
        let answer = ledger.succeeded(first, document)
        let second = try #require(answer.next)
        ledger.wanted("discovered")
        #expect(ledger.succeeded(second, keySet("a")).news?.names == ["a"])
        #expect(ledger.pause == 300)
    }

    // MARK: Sources that come and go

    @Test func `sources that stay keep their keys and their time`() throws {
        var ledger = Ledger([.direct("a"), .direct("b")])
        for job in ledger.takeDue() { _ = ledger.succeeded(job, keySet(job.url)) }
        ledger.time += 100
        #expect(ledger.configure([.direct("b"), .direct("c"), .direct("b")]).isEmpty)
        #expect(ledger.book.states.map(\.source) == ["b", "c"])
        #expect(ledger.book.states.map(\.keys) == [1, 0])
        #expect(ledger.takeDue().map(\.url) == ["https://id/c/certs"])
        #expect(ledger.pause == 200)
    }

    @Test func `a fetch that nobody wants any more is given up, and its answer ignored`() throws {
        var ledger = Ledger([.direct("a"), .direct("b")])
        let jobs = ledger.takeDue()
        #expect(ledger.configure([.direct("b")]) == [jobs[0].tag])
        #expect(ledger.succeeded(jobs[0], keySet("x")).news == nil)
        ledger.wanted("a")
        // It comes back as if it had never been there.
        #expect(ledger.configure([.direct("a"), .direct("b")]).isEmpty)
        #expect(ledger.succeeded(jobs[0], keySet("x")).news == nil)
        let again = try ledger.takeOne()
        #expect(again.tag != jobs[0].tag)
        #expect(ledger.succeeded(again, keySet("x")).news?.names == ["x"])
        #expect(ledger.succeeded(jobs[1], keySet("y")).news?.names == ["y"])
    }

    @Test(arguments: [(10, 0.0), (120, 20.0), (600, 500.0)])
    func `a new time between fetches counts from the last one`(seconds: Int, pause: Double) throws {
        var ledger = Ledger()
        _ = try ledger.fetch(keySet("a"))
        ledger.time += 100
        ledger.configure([.direct(refreshSeconds: seconds)])
        #expect(max(0, ledger.pause ?? -1) == pause)
        #expect(ledger.takeDue().count == (pause == 0 ? 1 : 0))
    }

    @Test func `a new time between fetches does not hurry a source that fails`() throws {
        var ledger = Ledger()
        let job = try ledger.takeOne()
        _ = ledger.failed(job)
        ledger.configure([.direct(refreshSeconds: 10)])
        #expect(ledger.pause == 1)
    }

    @Test func `nobody is asked for a source that there is not`() {
        var ledger = Ledger([])
        ledger.wanted("direct")
        #expect(ledger.takeDue().isEmpty && ledger.pause == nil)
        #expect(ledger.book.finished(1, .success([]), at: 0).news == nil)
    }

    @Test func `sources do not disturb each other`() throws {
        var ledger = Ledger([.direct("a"), .direct("b")])
        let jobs = ledger.takeDue()
        _ = ledger.succeeded(jobs[1], keySet("x"))
        let news = ledger.failed(jobs[0])
        #expect(news?.source == "a")
        #expect(ledger.pause == 1)
        ledger.time += 5
        ledger.wanted("b")
        #expect(Set(ledger.takeDue().map(\.url)) == ["https://id/a/certs", "https://id/b/certs"])
    }
}
