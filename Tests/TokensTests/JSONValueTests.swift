import Kernel
import Testing
import Tokens

@Suite struct JSONValueTests {
    @Test func `members are found by name, at any depth and behind any neighbour`() throws {
        try withObject(#"{"x":{"a":[1,{"b":2}]},"y":[{"b":7}],"b":3,"z":{"b":{"c":4}},"\u0062b":5}"#) { object in
            #expect(object.childCount == 5)
            #expect(object.member("b")?.integer == 3)
            #expect(object.member("bb")?.integer == 5)
            #expect(object.member("c")?.integer == nil && object.member("")?.integer == nil)
            #expect(object.member("z")?.member("b")?.member("c")?.integer == 4)
            #expect(object.value(at: ClaimPath("z.b.c")!)?.integer == 4)
            #expect(object.value(at: ClaimPath("z.c.b")!)?.kind == nil)
            #expect(object.value(at: ClaimPath("b.c")!)?.kind == nil)
            #expect(object.value(at: ClaimPath("y.b")!)?.kind == nil)
        }
    }

    @Test func `elements come in their order, whatever they contain`() throws {
        try withObject(#"{"a":[1,[2,3],{"b":[4]},"5",null,true],"e":[]}"#) { object in
            var kinds: [JSONKind] = []
            var elements = object.member("a")!.elements
            while let element = elements.next() { kinds.append(element.kind) }
            #expect(kinds == [.number, .array, .object, .string, .null, .boolean])
            var none = object.member("e")!.elements
            #expect(none.next()?.kind == nil)
            var other = object.elements
            #expect(other.next()?.kind == nil)
        }
    }

    @Test(arguments: [
        (#"plain"#, "plain"), (#""#, ""), (#"\"\\\/"#, #""\/"#), (#"\b\f\n\r\t"#, "\u{8}\u{c}\n\r\t"),
        (#"\u0041é"#, "Aé"),
        (#"\u00e9\u20AC"#, "é€"), (#"\ud83d\ude00!"#, "😀!"), (#"\uDBFF\uDFFF"#, "\u{10FFFF}"), (#"\uffff"#, "\u{FFFF}"),
        (#"\u007f\u0080\u07ff\u0800"#, "\u{7f}\u{80}\u{7ff}\u{800}"),
    ])
    func `texts mean what their escapes say`(written: String, meant: String) throws {
        try withObject(#"{"a":"\#(written)","b":"\#(written)x"}"#) { object in
            let value = object.member("a")!
            #expect(value.string == meant)
            let expected = Array(meant.utf8)
            #expect(value.isText(expected.span) == true)
            #expect(object.member("b")!.isText(expected.span) == false)
            #expect(value.isText((expected + [0x78]).span) == false)
            #expect((value.plainText?.count == expected.count) == !written.contains("\\"))
            var buffer = ByteBuffer(capacity: 64)
            let fits = value.appendText(to: &buffer)
            #expect(fits)
            let appended = buffer.readable.indices.map { buffer.readable[$0] }
            #expect(appended == expected)
            var small = ByteBuffer(capacity: 1)
            let fitsSmall = value.appendText(to: &small)
            #expect(fitsSmall == (written.utf8.count <= 1))
        }
    }

    @Test(
        arguments: [
            ("0", 0, 0), ("-0", 0, 0), ("17", 17, 17), ("-17", -17, -17),
            ("9223372036854775807", .max, 9.223372036854775807e18),
            ("-9223372036854775808", .min, -9.223372036854775808e18),
            ("9223372036854775808", nil, 9.223372036854775808e18),
            ("-9223372036854775809", nil, -9.223372036854775809e18), ("1.0", nil, 1), ("1e3", nil, 1000),
            ("-2.5E-1", nil, -0.25),
            ("1e999", nil, nil), ("123456789012345678901234567890", nil, 1.2345678901234568e29),
        ] as [(String, Int64?, Double?)])
    func `numbers are integers or doubles, if they fit`(written: String, integer: Int64?, double: Double?) throws {
        try withObject(#"{"a":\#(written)}"#) { object in
            #expect(object.member("a")?.integer == integer)
            #expect(object.member("a")?.double == double)
        }
    }

    @Test func `a value is asked in vain for what it is not`() throws {
        try withObject(#"{"s":"1","n":1,"t":true,"f":false,"z":null,"a":[],"o":{}}"#) { object in
            #expect(object.member("t")?.boolean == true && object.member("f")?.boolean == false)
            for name in ["s", "t", "z", "a", "o"] { #expect(object.value(at: ClaimPath(name)!)?.integer == nil) }
            for name in ["s", "n", "z", "a", "o"] { #expect(object.value(at: ClaimPath(name)!)?.boolean == nil) }
            for name in ["n", "t", "z", "a", "o"] {
                let value = object.value(at: ClaimPath(name)!)!
                #expect(value.string == nil && value.plainText?.count == nil && !value.isText(""))
                #expect(value.member("x")?.kind == nil)
            }
        }
    }

    @Test(arguments: [
        ("a", ["a"]), ("realm_access.roles", ["realm_access", "roles"]), (#"a\.b.c"#, ["a.b", "c"]),
        (#"a\\.b"#, [#"a\"#, "b"]),
        (#"https://x\.example/roles"#, ["https://x.example/roles"]),
    ])
    func `a path is names with dots between them`(text: String, names: [String]) {
        #expect(ClaimPath(text) == ClaimPath(names: names))
    }

    @Test(arguments: ["", ".", "a.", ".a", "a..b", #"a\"#])
    func `a path without a name is none`(text: String) {
        #expect(ClaimPath(text) == nil)
    }
}
