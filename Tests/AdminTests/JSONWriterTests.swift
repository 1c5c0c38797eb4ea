import Testing

@testable import Admin

struct JSONWriterTests {
    private func text(_ body: (inout JSONWriter) -> Void) -> String {
        var writer = JSONWriter()
        body(&writer)
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    @Test func `members are separated by commas at every depth`() {
        let written = text { writer in
            writer.object { writer in
                writer.string("a", "x")
                writer.array("b") { writer in
                    writer.number(nil, 1)
                    writer.object { $0.boolean("c", true) }
                    writer.array { _ in }
                }
                writer.number("d", nil)
                writer.string("e", nil)
            }
        }
        #expect(written == #"{"a":"x","b":[1,{"c":true},[]],"d":null,"e":null}"#)
    }

    @Test(arguments: [
        ("plain", #""plain""#), ("a\"b\\c", #""a\"b\\c""#), ("line\nbreak", #""line\nbreak""#),
        ("\u{1}\u{1F}\u{7F}", #""\u0001\u001f\u007f""#), ("é😀", #""é😀""#), ("", #""""#),
    ])
    func `strings are escaped`(value: String, expected: String) {
        #expect(text { $0.string(nil, value) } == expected)
    }
}
