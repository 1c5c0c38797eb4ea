import Testing
import YAMLEvents

/// The events of a source in short: a letter for the kind, the content of scalars, `@line:column` of each scalar.
private func events(_ source: String) throws(YAMLSyntaxError) -> String {
    var parser = YAMLParser(Array(source.utf8))
    var text: [UInt8] = []
    var words: [String] = []
    while true {
        let event = try parser.next(appendingTextTo: &text)
        switch event.kind {
        case .streamStarted, .documentStarted, .documentEnded: continue
        case .streamEnded: return words.joined(separator: " ")
        case .sequenceStarted: words.append("[")
        case .sequenceEnded: words.append("]")
        case .mappingStarted: words.append("{")
        case .mappingEnded: words.append("}")
        case .alias: words.append("*" + String(decoding: text[event.text], as: UTF8.self))
        case .scalar:
            let mark = (event.isPlain ? "" : "'") + (event.hasAnchor ? "&" : "") + (event.hasTag ? "!" : "")
            let content = String(decoding: text[event.text], as: UTF8.self)
            words.append("\(mark)\(content)@\(event.position.line):\(event.position.column)")
        }
    }
}

@Suite struct YAMLParserTests {
    @Test(arguments: [
        ("a: 1", "{ a@1:1 1@1:4 }"),
        ("- x\n- 'y'\n", "[ x@1:3 'y@2:3 ]"),
        ("k: &b v\nl: *b\nm: !t w\n", "{ k@1:1 &v@1:4 l@2:1 *b m@3:1 !w@3:4 }"),
        ("é: [ü, \"\\u0041\"]\r\nb:\r\n", "{ é@1:1 [ ü@1:5 'A@1:8 ] b@2:1 @2:3 }"),
        ("", ""),
    ])
    func `tells the events with their places in characters`(source: String, expected: String) throws {
        #expect(try events(source) == expected)
    }

    @Test func `tells where a source stops being YAML`() {
        let error = #expect(throws: YAMLSyntaxError.self) { try events("a: [1\nb: 2\n") }
        #expect(error?.message == "did not find expected ',' or ']'")
        #expect(error?.context == "while parsing a flow sequence")
        #expect(error?.position?.line == 2)
    }

    @Test func `tells the offset of a byte that no YAML file may hold`() {
        var parser = YAMLParser([0x61, 0x3A, 0x20, 0x01])
        var text: [UInt8] = []
        let error = #expect(throws: YAMLSyntaxError.self) {
            while try parser.next(appendingTextTo: &text).kind != .streamEnded {}
        }
        #expect(error?.message == "control characters are not allowed")
        #expect(error?.byteOffset == 3)
    }

    @Test func `says that the stream ended after an error`() throws {
        var parser = YAMLParser(Array("]".utf8))
        var text: [UInt8] = []
        #expect(throws: YAMLSyntaxError.self) {
            while try parser.next(appendingTextTo: &text).kind != .streamEnded {}
        }
        #expect(try parser.next(appendingTextTo: &text).kind == .streamEnded)
    }
}
