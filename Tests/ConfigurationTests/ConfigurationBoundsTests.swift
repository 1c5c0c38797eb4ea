import Configuration
import Testing

private func problems(_ bytes: [UInt8]) -> [ConfigurationProblem] {
    ConfigurationReader.read(bytes: bytes, file: "routes.yaml").report.problems
}

@Suite struct ConfigurationBoundsTests {
    @Test func `says where a file is not UTF-8`() {
        let problem = ConfigurationProblem(
            code: "not-utf8", line: 2, column: 4, message: "the file is not UTF-8", expected: "text in UTF-8")
        #expect(problems(Array("a: 1\né: ".utf8) + [0xFF, 0x0A]) == [problem])
    }

    @Test func `says where a control character stands`() {
        #expect(problems(Array("a: \u{1}\n".utf8)).map(\.code) == ["yaml-syntax"])
        #expect(problems(Array("a: 1\nb: é\u{1}\n".utf8)).map { [$0.line, $0.column] } == [[2, 5]])
    }

    @Test func `refuses a file that is too large`() {
        let content = [UInt8](repeating: UInt8(ascii: "#"), count: ConfigurationReader.fileBytesMax + 1)
        #expect(problems(content).map(\.code) == ["file-too-large"])
    }

    @Test func `refuses deep nesting`() {
        #expect(problems(Array(String(repeating: "[", count: 100_000).utf8)).map(\.code) == ["too-deep"])
        #expect(problems(Array(String(repeating: "- ", count: 100_000).utf8)).map(\.code) == ["too-deep"])
    }

    @Test func `expands no alias`() {
        var lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
        for level in 1...30 {
            lines.append(
                "a\(level): &a\(level) [" + Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ", ") + "]")
        }
        #expect(problems(Array(lines.joined(separator: "\n").utf8)).allSatisfy { $0.severity == .error })
    }

    @Test func `stops listing problems that nobody reads`() {
        let head = "version: 1\nlisteners: [{ address: 127.0.0.1:1 }]\nroutes:\n"
        let found = problems(Array((head + String(repeating: "- 1\n", count: 5_000)).utf8))
        #expect(found.count == 1_001)
        #expect(found.last?.message == "4000 further problems are not shown")
    }

    @Test func `takes a byte order mark`() {
        let content = "version: 1\nlisteners: [{ address: 127.0.0.1:1 }]\nroutes: []\n"
        #expect(problems([0xEF, 0xBB, 0xBF] + Array(content.utf8)) == [])
    }

    @Test func `refuses a body of more than a mebibyte`() {
        func content(_ count: Int) -> [UInt8] {
            let body = String(repeating: "x", count: count)
            return Array(
                "version: 1\nlisteners: [{ address: 127.0.0.1:1 }]\nroutes:\n- id: a\n  respond: { body: \(body) }\n"
                    .utf8)
        }
        #expect(problems(content(1_048_576)) == [])
        #expect(problems(content(1_048_577)).map(\.code) == ["out-of-range"])
    }

    @Test func `writes a report for programs`() {
        let report = ConfigurationReader.read(
            bytes: Array("version: 1\nlisteners: [{ address: 127.0.0.1:1 }]\nroutes: []\n\"a\\\"\\n\\x1b\": 1\n".utf8),
            file: "a\"b.yaml"
        ).report
        #expect(
            report.json()
                == #"{"file":"a\"b.yaml","problems":[{"severity":"error","code":"unknown-key","line":4,"column":1,"#
                + #""message":"`a\"\n\u001b` is not a key of the file's top level","expected":"one of `version`, `listeners`, "#
                + #"`admin`, `defaults`, `tracing`, `filter-sets`, `issuers`, `upstreams`, `routes`","suggestion":null}]}"#
        )
        #expect(!report.text().unicodeScalars.contains("\u{1B}"))
    }

    @Test func `reads ten thousand routes, each to be reached`() {
        var content =
            "version: 1\nlisteners: [{ address: 127.0.0.1:1 }]\nupstreams: { u: { endpoints: [a:1] } }\nroutes:\n"
        for number in 0..<10_000 {
            content +=
                "- id: r\(number)\n  match: { host: h\(number % 7).example.com, path: /s\(number)/** }\n  forward: u\n"
        }
        #expect(problems(Array(content.utf8)) == [])
    }
}
