import Filters
import HTTPModel
import Kernel
import Testing

@Suite struct HeaderEditsTests {
    private func lines(_ edits: HeaderEdits) -> String {
        var buffer = ByteBuffer(capacity: max(1, edits.bytesMax))
        edits.write(into: &buffer)
        return ByteText.string(buffer.readable)
    }

    private func drops(_ edits: HeaderEdits, _ name: String) -> Bool {
        let bytes = Array(name.utf8)
        let entry = FieldEntry(name: ByteRange(0, bytes.count), value: ByteRange(), known: KnownField(bytes.span))
        return edits.drops(entry, in: bytes.span)
    }

    @Test func `without edits nothing is dropped, written or decided`() {
        let edits = HeaderEdits()
        #expect(edits.isEmpty)
        #expect(edits.bytesMax == 0)
        #expect(lines(edits).isEmpty)
        #expect(!drops(edits, "X"))
        #expect(KnownField.allCases.allSatisfy { !edits.govern($0) })
    }

    @Test(arguments: ["X-Env", "Server", "Cookie", "Content-Type", "x"])
    func `a set field replaces the received ones of any case`(name: String) {
        var edits = HeaderEdits()
        edits.set(name, to: "edge")
        #expect(lines(edits) == "\(name): edge\r\n")
        for spelling in [name, name.lowercased(), name.uppercased()] { #expect(drops(edits, spelling)) }
        #expect(!drops(edits, name + "s"))
        #expect(!drops(edits, "Other"))
        #expect(!drops(edits, ""))
    }

    @Test func `a removed field is dropped and not written`() {
        var edits = HeaderEdits()
        edits.remove("X-Env")
        edits.remove("Cookie")
        #expect(lines(edits).isEmpty)
        #expect(edits.bytesMax == 0)
        #expect(drops(edits, "x-ENV") && drops(edits, "cookie"))
    }

    @Test func `of several edits of a name the last one counts`() {
        var edits = HeaderEdits()
        edits.set("X-A", to: "1")
        edits.set("X-B", to: "2")
        edits.set("x-a", to: "3")
        #expect(lines(edits) == "X-B: 2\r\nx-a: 3\r\n")
        edits.remove("X-A")
        #expect(lines(edits) == "X-B: 2\r\n")
        #expect(drops(edits, "X-A"))
        edits.set("X-A", to: "4")
        #expect(lines(edits) == "X-B: 2\r\nX-A: 4\r\n")
    }

    @Test(arguments: KnownField.allCases)
    func `an edit governs the field it names and no other`(field: KnownField) {
        guard field != .other, field != .hopByHop else { return }
        for isRemoval in [true, false] {
            var edits = HeaderEdits()
            if isRemoval { edits.remove("\(field.name)") } else { edits.set("\(field.name)".uppercased(), to: "v") }
            #expect(KnownField.allCases.filter { edits.govern($0) } == [field])
        }
    }

    @Test func `a field marked for this hop is not dropped twice`() {
        var edits = HeaderEdits()
        edits.set("X-A", to: "1")
        let bytes = Array("X-A".utf8)
        let entry = FieldEntry(name: ByteRange(0, 3), value: ByteRange(), known: .hopByHop)
        // It does not travel anyway; the edit speaks of fields that do.
        #expect(edits.drops(entry, in: bytes.span) == false)
        #expect(lines(edits) == "X-A: 1\r\n")
    }
}
