import Testing
import Tokens

@Suite struct JSONReaderTests {
    static let accepted: [String] = [
        "{}", " {} ", "\t\r\n{ } ", #"{"a":1}"#, #"{"":""}"#, #"{"a":{"b":[1,2,{"c":null}]},"d":true,"e":false}"#,
        #"{"a":[],"b":[[],[[]]]}"#, #"{"a" : [ 1 , "x" , { } ] , "b" : -0.5e+10 }"#,
        #"{"a":"\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00"}"#, #"{"é":"日本語😀"}"#,
        #"{"n":[0,-0,1,-1,10,0.0,1.25,1e5,1E-5,1.5e+3,9223372036854775807,123456789012345678901234567890]}"#,
        #"{"a":"\u0001","b":"\uFFFF"}"#, "{\"a\":\"\u{7f}\"}", #"{"A":1,"a":2}"#,
    ]

    @Test(arguments: accepted)
    func `objects are read`(text: String) {
        #expect(readingFailure(Array(text.utf8)) == nil)
    }

    @Test(arguments: accepted)
    func `no part of an object is taken for a whole, wherever it is cut`(text: String) {
        let bytes = Array(text.utf8)
        let end = bytes.lastIndex(of: UInt8(ascii: "}"))! + 1
        for count in 0..<end {
            let failure = readingFailure(Array(bytes[..<count]))
            #expect(failure?.reason == .cutShort && failure?.offset == count, "cut at \(count)")
        }
    }

    @Test(arguments: accepted)
    func `no octet behind an object is overlooked`(text: String) {
        for more in ["x", "{}", ",", "\0", "}", "\u{feff}"] {
            let failure = readingFailure(Array((text + more).utf8))
            #expect(failure == JSONFailure(reason: .syntax, offset: text.utf8.count))
        }
    }

    /// The octet behind the mark is where the failure is.
    @Test(arguments: [
        ("|[]", JSONFailure.Reason.notAnObject), (#"|"a""#, .notAnObject), ("|1", .notAnObject),
        ("|null", .notAnObject),
        ("|\u{feff}{}", .notAnObject), ("{|,}", .syntax), (#"{"a":1,|}"#, .syntax), (#"{|a:1}"#, .syntax),
        (#"{|'a':1}"#, .syntax), (#"{"a"|}"#, .syntax), (#"{"a" |1}"#, .syntax), (#"{"a":|}"#, .syntax),
        (#"{"a":1 |"b":2}"#, .syntax), (#"{"a":1|]"#, .syntax), (#"{"a":[1|}"#, .syntax), (#"{"a":[|,1]}"#, .syntax),
        (#"{"a":[1,|]}"#, .syntax), (#"{"a":[1 |2]}"#, .syntax), (#"{"a":|+1}"#, .syntax), (#"{"a":|.5}"#, .syntax),
        (#"{"a":0|1}"#, .syntax), (#"{"a":-|a}"#, .syntax), (#"{"a":1.|}"#, .syntax), (#"{"a":1e|}"#, .syntax),
        (#"{"a":1e+|}"#, .syntax), (#"{"a":0|x10}"#, .syntax), (#"{"a":|NaN}"#, .syntax),
        (#"{"a":|Infinity}"#, .syntax),
        (#"{"a":tr|eu}"#, .syntax), (#"{"a":|True}"#, .syntax), (#"{"a":nul|}"#, .syntax), (#"{"a":true|x}"#, .syntax),
        ("{\"a\":\"|\n\"}", .syntax), ("{\"a\":\"|\0\"}", .syntax), ("{\"|\t\":1}", .syntax), (#"{"a":|// x"#, .syntax),
        ("{\u{a0}}", .syntax), ("{|\u{c}}", .syntax), (#"{"a":"\|x"}"#, .text), (#"{"a":"\u00|g0"}"#, .text),
        (#"{"a":"|\u0000"}"#, .text), (#"{"a":"|\ud800"}"#, .text), (#"{"a":"|\ud800x"}"#, .text),
        (#"{"a":"|\ud800\n"}"#, .text), (#"{"a":"|\udc00"}"#, .text), (#"{"a":"|\ud800\ud800"}"#, .text),
        (#"{"a":1,|"a":2}"#, .duplicateMember), (#"{"a":1,"b":{"c":1,|"c":2}}"#, .duplicateMember),
        (#"{"ab":1,|"a\u0062":2}"#, .duplicateMember), (#"{"\/":1,"b":[{}],|"/":2}"#, .duplicateMember),
        (#"{"":1,|"":2}"#, .duplicateMember), (#"{"\u00e9":1,|"é":2}"#, .duplicateMember),
    ])
    func `what is not JSON is refused where it stops being so`(marked: String, reason: JSONFailure.Reason) {
        let place = marked.utf8.firstIndex(of: UInt8(ascii: "|")).map {
            marked.utf8.distance(from: marked.startIndex, to: $0)
        }
        let text = marked.replacing("|", with: "", maxReplacements: 1)
        #expect(readingFailure(Array(text.utf8)) == JSONFailure(reason: reason, offset: place ?? 1))
    }

    @Test(
        arguments: [
            [0x80], [0xBF], [0xC0, 0x80], [0xC1, 0xBF], [0xC3], [0xC3, 0x28], [0xE0, 0x9F, 0xBF], [0xE2, 0x82],
            [0xED, 0xA0, 0x80], [0xED, 0xBF, 0xBF], [0xF0, 0x8F, 0xBF, 0xBF], [0xF4, 0x90, 0x80, 0x80],
            [0xF5, 0x80, 0x80, 0x80],
            [0xFF], [0xFE], [0xF0, 0x9F, 0x98],
        ] as [[UInt8]])
    func `what is not UTF-8 is refused, in values and in names`(octets: [UInt8]) {
        #expect(readingFailure(Array(#"{"a":""#.utf8) + octets + Array(#""}"#.utf8))?.reason == .text)
        #expect(readingFailure(Array(#"{""#.utf8) + octets + Array(#"":1}"#.utf8))?.reason == .text)
    }

    @Test func `every limit holds exactly`() {
        func failure(_ text: String, bytes: Int = 1_000, depth: Int = 3, nodes: Int = 10, members: Int = 3)
            -> JSONFailure.Reason?
        {
            let limits = JSONLimits(bytesMax: bytes, depthMax: depth, nodesMax: nodes, membersMax: members)
            return readingFailure(Array(text.utf8), limits)?.reason
        }
        #expect(failure(#"{"a":1}"#, bytes: 7) == nil && failure(#"{"a":1}"#, bytes: 6) == .tooLarge)
        #expect(failure(#"{"a":[{}]}"#) == nil && failure(#"{"a":[[[]]]}"#) == .tooDeep)
        #expect(failure(#"{"a":[1,2,3,4,5,6,7]}"#) == nil && failure(#"{"a":[1,2,3,4,5,6,7,8]}"#) == .tooManyValues)
        #expect(failure(#"{"a":1,"b":2,"c":3}"#) == nil)
        #expect(failure(#"{"a":1,"b":2,"c":3,"d":4}"#) == .tooManyMembers)
        let digits = String(repeating: "1", count: 64)
        #expect(failure(#"{"a":\#(digits)}"#) == nil && failure(#"{"a":\#(digits)0}"#) == .longNumber)
        #expect(failure(String(repeating: #"{"a":"#, count: 100)) == .tooDeep)
    }

    @Test func `a lenient reader marks an object that has a member twice, and no other`() throws {
        let bytes = Array(#"{"a":{"x":1,"x":2},"b":{"x":1}}"#.utf8)
        var reader = JSONReader(limits: generousLimits, refusesDuplicates: false)
        try reader.read(bytes.span)
        let object = reader.object(of: bytes.span)
        #expect(object.hasDuplicates == false)
        #expect(object.member("a")?.hasDuplicates == true && object.member("b")?.hasDuplicates == false)
    }

    @Test func `a reader reads again, also after a failure`() throws {
        var reader = JSONReader(limits: generousLimits)
        for text in [#"{"a":1}"#, #"{"a":"#, #"{"b":[2]}"#, #"{"b":1,"b":2}"#, #"{"c":{"d":3}}"#] {
            let bytes = Array(text.utf8)
            do throws(JSONFailure) { try reader.read(bytes.span) } catch { continue }
            #expect(reader.object(of: bytes.span).childCount == 1)
        }
    }
}
