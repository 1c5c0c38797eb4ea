import Identity
import Testing

@Suite struct KeyBookTests {
    @Test func `a new source is fetched at once, by one fetch at a time`() throws {
        var ledger = Ledger()
        #expect(ledger.pause == 0)
        let job = try ledger.takeOne()
        #expect(job.url == "https://id/direct/certs")
        #expect(ledger.takeDue().isEmpty && ledger.pause == nil)
        ledger.time += 60
        ledger.wanted()
        #expect(ledger.takeDue().isEmpty && ledger.pause == nil)
        let news = ledger.succeeded(job, keySet("a")).news
        #expect(news?.names == ["a"] && news?.isProblem == false)
        #expect(news?.remark == "the key set has 1 keys that can be used, 0 that cannot")
        #expect(ledger.pause == 300)
    }

    @Test func `a set is fetched again before it is old, and is no news when it is the same`() throws {
        var ledger = Ledger()
        _ = try ledger.fetch(keySet("a"))
        ledger.time += 299.9
        #expect(ledger.takeDue().isEmpty)
        ledger.time += 0.1
        let news = try ledger.fetch(keySet("a"))
        #expect(news.keys == nil && news.remark.isEmpty && !news.isProblem)
        ledger.time += 300
        #expect(try ledger.fetch(keySet("b", "a")).names == ["b", "a"])
        #expect(ledger.book.states[0].fetches == 3 && ledger.book.states[0].keys == 2)
    }

    @Test func `an unknown key is asked for at once, and not again within the cool-down`() throws {
        var ledger = Ledger()
        _ = try ledger.fetch(keySet("a"))
        ledger.time += 10
        ledger.wanted()
        #expect(ledger.pause == 0)
        #expect(try ledger.fetch(keySet("b")).names == ["b"])
        ledger.wanted()
        #expect(ledger.pause == 2 && ledger.takeDue().isEmpty)
        ledger.time += 1.5
        ledger.wanted()
        #expect(ledger.pause == 0.5 && ledger.takeDue().isEmpty)
        ledger.time += 0.5
        _ = try ledger.fetch(keySet("b"))
    }

    @Test func `a flood of unknown keys costs one fetch in each cool-down`() throws {
        var ledger = Ledger()
        _ = try ledger.fetch(keySet("a"))
        for _ in 0..<1_000 {
            ledger.wanted()
            for job in ledger.takeDue() { _ = ledger.succeeded(job, keySet("a")) }
            ledger.time += 0.01
        }
        // Ten seconds.
        #expect(ledger.begun.count == 5)
        for (one, next) in zip(ledger.begun, ledger.begun.dropFirst()) { #expect(next.at - one.at > 1.99) }
    }

    @Test func `whoever waits is told, even what was told before`() throws {
        var ledger = Ledger()
        _ = try ledger.fetch(keySet("a"))
        ledger.time += 10
        ledger.wanted()
        let news = try ledger.fetch(keySet("a"))
        #expect(news.names == ["a"] && news.remark.isEmpty)
        ledger.time += 10
        ledger.wanted()
        let job = try ledger.takeOne()
        #expect(ledger.failed(job)?.source == "direct")
        // It was wanted while the fetch was on its way.
        ledger.time += 10
        let late = try ledger.takeOne()
        ledger.wanted()
        #expect(ledger.succeeded(late, keySet("a")).news?.names == ["a"])
    }

    @Test func `failures are tried again ever more seldom, up to a bound`() throws {
        var ledger = Ledger()
        var pauses: [Double] = []
        for _ in 0..<8 {
            let job = try ledger.takeOne()
            _ = ledger.failed(job)
            pauses.append(try #require(ledger.pause))
            ledger.time += pauses.last ?? 0
        }
        #expect(pauses == [1, 2, 4, 8, 16, 30, 30, 30])
        _ = try ledger.fetch(keySet("a"))
        ledger.time += 300
        let job = try ledger.takeOne()
        _ = ledger.failed(job)
        #expect(ledger.pause == 1)
    }

    @Test func `who wants a key does not wait out a long pause, only the cool-down`() throws {
        var ledger = Ledger()
        for _ in 0..<6 {
            let job = try ledger.takeOne()
            _ = ledger.failed(job)
            ledger.time += ledger.pause ?? 0
        }
        let job = try ledger.takeOne()
        _ = ledger.failed(job)
        #expect(ledger.pause == 30)
        ledger.wanted()
        #expect(ledger.pause == 2)
    }

    @Test func `a set stays in force when it cannot be fetched, and a problem is told once`() throws {
        var ledger = Ledger()
        _ = try ledger.fetch(keySet("a"))
        var remarks: [String] = []
        ledger.time += 300
        for problem in ["refused", "refused", "no route", "no route"] {
            let job = try ledger.takeOne()
            let failed = ledger.failed(job, problem)
            let news = try #require(failed)
            #expect(news.keys == nil && news.isProblem == !news.remark.isEmpty)
            remarks.append(news.remark)
            ledger.time += ledger.pause ?? 0
        }
        #expect(remarks == ["refused", "", "no route", ""])
        #expect(ledger.book.states[0].keys == 1 && ledger.book.states[0].problem == "no route")
        #expect(ledger.book.states[0].failures == 4)
        // That it is over is told too.
        let news = try ledger.fetch(keySet("a"))
        #expect(news.keys == nil && !news.remark.isEmpty && !news.isProblem)
        #expect(ledger.book.states[0].problem.isEmpty)
    }

    @Test(arguments: [
        ("", "the key set is not readable JSON (octet 0)"), ("<html>", "the key set is not readable JSON (octet 0)"),
        ("{}", "the key set is no JSON object with a list `keys`"),
        (#"{"keys":{}}"#, "the key set is no JSON object with a list `keys`"),
    ])
    func `what is no key set is a failure`(document: String, problem: String) throws {
        var ledger = Ledger()
        let news = try ledger.fetch(document)
        #expect(news.keys == nil && news.remark == problem && news.isProblem)
        #expect(ledger.pause == 1)
    }

    @Test func `a set without a usable key is in force, and a problem`() throws {
        var ledger = Ledger()
        _ = try ledger.fetch(keySet("a"))
        ledger.time += 300
        let news = try ledger.fetch(#"{"keys":[{"kty":"AKP"}]}"#)
        #expect(news.keys == [] && news.isProblem)
        #expect(news.remark == "the key set has 0 keys that can be used, 1 that cannot")
    }
}
