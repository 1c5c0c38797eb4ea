import Routing
import Testing

@Suite struct PathNormalizationTests {
    private func normalize(_ path: String) -> (PathOutcome, String) {
        normalize(Array(path.utf8))
    }

    private func normalize(_ path: [UInt8]) -> (PathOutcome, String) {
        var result: [UInt8] = []
        let outcome = PathNormalization.normalize(path.span, into: &result)
        return (outcome, String(decoding: outcome == .normalized ? result : path, as: UTF8.self))
    }

    @Test(arguments: [
        "/", "//", "/a", "/a/", "/a//b", "/a/b.c/..d/...", "/a/.b", "/%20", "/a%3Bb;c=1", "/a:b@c!$&'()*+,;=~-_",
        "/[x]",
        "/%C3%A9", "/a/b;v=1", "/...", "/.a", "/..a", "/%252e%252e", "/long/enough/for/several/words/at/a/time.html",
        "/%0A", "/a;..",
    ])
    func `a normal path stays as it is`(path: String) {
        #expect(normalize(path).0 == .alreadyNormal)
    }

    @Test(arguments: [
        ("", "/"), ("/%41", "/A"), ("/%7e%2D%5f", "/~-_"), ("/%c3%a9", "/%C3%A9"), ("/a/./b", "/a/b"),
        ("/a/../b", "/b"),
        ("/a/b/..", "/a/"), ("/a/.", "/a/"), ("/.", "/"), ("/./", "/"), ("/./a", "/a"), ("/a/..", "/"), ("/a/../", "/"),
        ("/a//../b", "/a/b"), ("//..", "/"), ("/a/%2e/b", "/a/b"), ("/a/%2E%2e/b", "/b"), ("/a/.%2e/b", "/b"),
        ("/a/b/c/./../../g", "/a/g"), ("/mid/content=5/../6", "/mid/6"), ("/%2e", "/"), ("/a%2eb", "/a.b"),
        ("/%25%34%31", "/%2541"), ("/a/b/../../c/d/../e/", "/c/e/"),
    ])
    func `other spellings are brought into the normal form`(path: String, expected: String) {
        let (outcome, text) = normalize(path)
        #expect(outcome == .normalized)
        #expect(text == expected)
    }

    @Test(arguments: [
        ("a", PathDefect.notAbsolute), ("*", .notAbsolute), ("http://a/", .notAbsolute), ("/%", .badPercentEncoding),
        ("/%4", .badPercentEncoding), ("/%4g", .badPercentEncoding), ("/%%41", .badPercentEncoding),
        ("/a%", .badPercentEncoding),
        ("/%00", .encodedNull), ("/a%2Fb", .encodedSlash), ("/a%2fb", .encodedSlash), ("/a%5cb", .encodedBackslash),
        ("/a\\b", .backslash), ("/\\..\\x", .backslash), ("/a b", .controlCharacter), ("/a\tb", .controlCharacter),
        ("/a\0b", .controlCharacter), ("/a\r\nb", .controlCharacter), ("/a\u{7F}", .controlCharacter),
        ("/é", .nonASCII),
        ("/a\"", .forbiddenCharacter), ("/<", .forbiddenCharacter), ("/a#b", .forbiddenCharacter),
        ("/a?b", .forbiddenCharacter),
        ("/{x}", .forbiddenCharacter), ("/a|b", .forbiddenCharacter), ("/a^b", .forbiddenCharacter),
        ("/`", .forbiddenCharacter),
        ("/..", .climbsAboveRoot), ("/../a", .climbsAboveRoot), ("/a/../../b", .climbsAboveRoot),
        ("/./..", .climbsAboveRoot),
        ("/%2e%2e/a", .climbsAboveRoot), ("/a/..;/b", .dotSegmentWithParameters),
        ("/a/.;x=1/b", .dotSegmentWithParameters),
        ("/a/..;", .dotSegmentWithParameters), ("/a/%2e%2e;x", .dotSegmentWithParameters),
        ("/..;/", .dotSegmentWithParameters),
        ("/a/..%3b/b", .dotSegmentWithParameters), ("/a/.%3B", .dotSegmentWithParameters),
    ])
    func `what readers disagree about is refused`(path: String, defect: PathDefect) {
        #expect(normalize(path).0 == .rejected(defect), "\(path)")
    }

    @Test func `every byte is judged alike wherever it stands`() {
        // The quick look works on words, so each byte is put at each place of a path that is otherwise plain.
        for byte in UInt8.min...UInt8.max {
            let expected = normalize([0x2F, 0x61, byte, 0x61, 0x61]).0
            for length in 3...34 {
                for place in 2..<length - 1 {
                    var path = [UInt8](repeating: 0x61, count: length)
                    path[0] = 0x2F
                    path[place] = byte
                    let outcome = normalize(path).0
                    if byte == 0x25 {
                        #expect(outcome != .alreadyNormal || place + 2 < length)
                    } else if outcome != expected {
                        Issue.record("byte \(byte) at \(place) of \(length): \(outcome), not \(expected)")
                    }
                }
            }
        }
    }

    @Test func `a dot behind a slash is seen wherever it stands`() {
        for length in 3...34 {
            for place in 1..<length - 1 {
                var path = [UInt8](repeating: 0x61, count: length)
                path[0] = 0x2F
                path[place] = 0x2F
                path[place + 1] = 0x2E
                if place + 2 < length { path[place + 2] = 0x2F }
                #expect(normalize(path).0 == .normalized, "\(String(decoding: path, as: UTF8.self))")
            }
        }
    }

    @Test func `normalising twice changes nothing more`() {
        let seed = UInt64.random(in: 0..<(1 << 40))
        var generator = SeededGenerator(state: seed)
        let pieces = [
            "/", "/", ".", "..", "a", "B", "%2e", "%2E", "%41", "%c3", ";", "%3b", "long.name", "=", "%7E", "~",
        ]
        for _ in 0..<20_000 {
            let count = Int.random(in: 0...12, using: &generator)
            let path = (0..<count).reduce(into: "/") { text, _ in text += pieces.randomElement(using: &generator) ?? ""
            }
            let (outcome, text) = normalize(path)
            if case .rejected = outcome { continue }
            #expect(normalize(text).0 == .alreadyNormal, "seed \(seed): \(path) became \(text)")
            #expect(!text.split(separator: "/").contains { $0 == "." || $0 == ".." }, "seed \(seed): \(path)")
        }
    }

    @Test func `a path of dots takes time in proportion to its length`() {
        let path = Array(
            ("/" + String(repeating: "a/", count: 200_000) + String(repeating: "../", count: 200_000)).utf8)
        let (outcome, text) = normalize(path)
        #expect(outcome == .normalized)
        #expect(text == "/")
    }

    @Test func `the result's storage is reused`() {
        var result: [UInt8] = []
        result.reserveCapacity(64)
        let before = result.capacity
        for _ in 0..<3 {
            #expect(PathNormalization.normalize(Array("/a/../b%41".utf8).span, into: &result) == .normalized)
            #expect(result == Array("/bA".utf8))
            #expect(result.capacity == before)
        }
    }
}
