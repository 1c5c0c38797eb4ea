import Patterns
import Testing

@Suite struct PatternTests {
    private func whole(_ expression: String, _ subject: String) throws -> PatternVerdict {
        try Pattern(expression).matchesWhole(Array(subject.utf8).span)
    }

    @Test(arguments: [
        ("/a/[0-9]+", "/a/12", true), ("/a/[0-9]+", "/a/12x", false), ("/a/[0-9]+", "x/a/12", false),
        ("a|ab", "ab", true), ("a|ab", "abc", false), ("", "", true), ("", "a", false), (".*", "", true),
        ("v[0-9]$", "v1", true), ("v[0-9]$", "v1\n", false), ("(?i)abc", "ABC", true), ("a\\Rb", "a\r\nb", true),
        ("é", "é", true), ("..", "é", true), (".", "é", false),
    ])
    func `a whole match leaves nothing before or behind`(expression: String, subject: String, matches: Bool) throws {
        #expect(try whole(expression, subject) == (matches ? .matched : .notMatched))
    }

    @Test(arguments: [
        ("(", 1), ("a[", 2), ("a(?<1>b)", 4), ("*a", 0), ("\\C", 2), ("(*UTF)a", 6), ("é(", 3), ("(?<n>a)(?<n>b)", 12),
    ])
    func `an expression that does not compile names the byte`(expression: String, offset: Int) {
        let error = #expect(throws: PatternError.self) { try Pattern(expression) }
        #expect(error?.offset == offset, "\(expression): \(String(describing: error))")
        #expect(error?.message.isEmpty == false)
    }

    @Test func `an expression longer than the limit is refused`() {
        let expression = String(repeating: "a", count: PatternLimits.expressionBytesMax + 1)
        #expect(throws: PatternError.self) { try Pattern(expression) }
    }

    @Test func `groups are told by number and by name`() throws {
        let pattern = try Pattern("/(?<area>[a-z]+)/(x)?(?<item>[0-9]+)", scope: .anywhere)
        #expect(pattern.groupCount == 3)
        #expect(pattern.groupNames.map(\.name) == ["area", "item"])
        #expect(pattern.groupNumber(named: "item") == 3)
        #expect(pattern.groupNumber(named: "other") == nil)
        #expect(pattern.group(0) == nil)
        let subject = Array("//shop/42?".utf8)
        #expect(pattern.firstMatch(in: subject.span) == .matched)
        #expect(pattern.group(0) == 1..<9)
        #expect(pattern.group(1) == 2..<6)
        #expect(pattern.group(2) == nil)
        #expect(pattern.group(3) == 7..<9)
        #expect(pattern.group(4) == nil)
        #expect(pattern.group(-1) == nil)
        #expect(pattern.firstMatch(in: Array("none".utf8).span) == .notMatched)
        #expect(pattern.group(0) == nil)
    }

    @Test(arguments: [
        "^(a+)+$", "^(a|a)*$", "^(a|aa)+$", "(x+x+)+y|(a*)*b", "^(([a-z])+.)+[A-Z]([a-z])+$", "(a?){40}a{40}",
        "^(?:a*)*?b", "(?:(?:a+)+)+c",
    ])
    func `a catastrophic expression gives up at once`(expression: String) throws {
        for scope in [PatternScope.whole, .anywhere] {
            let pattern = try Pattern(expression, scope: scope)
            for length in [30, 1_000, 8_192] {
                let subject = [UInt8](repeating: 0x61, count: length) + [0x21]
                let time = ContinuousClock().measure { _ = pattern.firstMatch(in: subject.span) }
                #expect(time < .milliseconds(100), "\(expression) took \(time) over \(length) bytes")
            }
        }
        let subject = [UInt8](repeating: 0x61, count: 64) + [0x21]
        #expect(try Pattern("(a+)+").matchesWhole(subject.span) == .gaveUp)
    }

    @Test func `an honest expression does not give up on a long subject`() throws {
        let subject = Array(("/a" + String(repeating: "/segment", count: 1_000) + "/x").utf8)
        #expect(try Pattern("/a/(.*)").matchesWhole(subject.span) == .matched)
        #expect(try Pattern("/a/(.*)/x").matchesWhole(subject.span) == .matched)
        #expect(try Pattern("/a(?:/[a-z]+)*").matchesWhole(subject.span) == .matched)
        #expect(try Pattern("/y$", scope: .anywhere).firstMatch(in: subject.span) == .notMatched)
        #expect(try Pattern("/x$", scope: .anywhere).firstMatch(in: subject.span) == .matched)
    }

    @Test func `bytes that are not text are matched as bytes`() throws {
        let subject: [UInt8] = [0xFF, 0x00, 0x80]
        #expect(try Pattern("\\xFF\\x00[\\x80-\\x90]").matchesWhole(subject.span) == .matched)
        #expect(try Pattern("...").matchesWhole(subject.span) == .matched)
    }
}
