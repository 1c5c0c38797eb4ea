import HTTPModel
import Testing

@Suite struct KnownFieldTests {
    private func recognised(_ name: String) -> KnownField { KnownField(Array(name.utf8).span) }

    @Test(arguments: KnownField.allCases)
    func `every field is recognised by its own name in any case`(field: KnownField) {
        let name = "\(field.name)"
        guard field != .other, field != .hopByHop else {
            #expect(name.isEmpty)
            return
        }
        let capitals = name.split(separator: "-").map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined(
            separator: "-")
        for spelling in [name, name.uppercased(), capitals] { #expect(recognised(spelling) == field, "\(spelling)") }
    }

    @Test(arguments: KnownField.allCases)
    func `a name that differs in any byte is another field`(field: KnownField) {
        let name = Array("\(field.name)".utf8)
        for index in name.indices {
            for byte: UInt8 in [0x5F, 0x2D, 0x61, 0x7A, 0x00, 0x80] where byte != name[index] {
                var changed = name
                changed[index] = byte
                #expect(KnownField(changed.span) != field)
            }
            // The bit that folds letters must not fold anything else: CR for a hyphen, SOH for an exclamation mark.
            var changed = name
            changed[index] = name[index] == 0x2D ? 0x0D : name[index] ^ 0x40
            #expect(KnownField(changed.span) != field)
        }
        #expect(KnownField(Array(name.dropLast()).span) != field || name.isEmpty)
        #expect(KnownField((name + [0x73]).span) == .other)
    }

    @Test(arguments: [
        "", "x", "accept", "content_length", "transfer_encoding", "hosts", "x-forwarded-hosa", "cookies", "-",
    ])
    func `all else is other`(name: String) {
        #expect(recognised(name) == .other)
    }
}

@Suite struct MethodTests {
    @Test(arguments: Method.allCases)
    func `a standard method is recognised by its token`(method: HTTPModel.Method) {
        guard method != .extension else { return }
        let token = "\(method.token)"
        #expect(Method(Array(token.utf8).span) == method)
        #expect(Method(Array(token.lowercased().utf8).span) == .extension)
        #expect(Method(Array((token + "X").utf8).span) == .extension)
        #expect(Method(Array(token.dropLast().utf8).span) == .extension)
    }

    @Test func `only what may be repeated is idempotent`() {
        let idempotent = Method.allCases.filter(\.isIdempotent)
        #expect(idempotent == [.get, .head, .put, .delete, .options, .trace])
    }
}

@Suite struct GatewayErrorTests {
    @Test(arguments: GatewayError.allCases)
    func `an error has a status of its class, a word, and a title`(error: GatewayError) {
        #expect((400...599).contains(error.status))
        let word = "\(error.word)"
        #expect(word.utf8.allSatisfy { $0 == 0x2D || (0x61...0x7A).contains($0) } && !word.isEmpty)
        #expect(!"\(error.title)".isEmpty)
        #expect((error.side == .upstream) == [502, 504].contains(error.status) || error.side == .gateway)
    }

    @Test(arguments: GatewayError.allCases)
    func `whatever leaves the request's end unknown breaks the framing`(error: GatewayError) {
        if error.stage == .readHead && error.side == .downstream { #expect(error.breaksFraming) }
        if error.status == 413 || error.status == 408 { #expect(error.breaksFraming) }
    }

    @Test func `a word means one status`() {
        let pairs = Set(GatewayError.allCases.map { "\($0.word) \($0.status)" })
        #expect(Set(GatewayError.allCases.map { "\($0.word)" }).count == pairs.count)
    }

    @Test func `stages and sides have different words`() {
        #expect(Set(Stage.allCases.map { "\($0.word)" }).count == Stage.allCases.count)
        #expect(Set(Side.allCases.map { "\($0.word)" }).count == Side.allCases.count)
    }
}

@Suite struct FieldTableTests {
    @Test func `a table takes as many lines as its limit`() {
        var table = FieldTable(limit: 2)
        let entry = FieldEntry(name: ByteRange(0, 4), value: ByteRange(6, 9), known: .host)
        let outcomes = (0..<3).map { _ in table.append(entry) }
        #expect(outcomes == [true, true, false])
        #expect(table.entries.count == 2)
        table.removeAll()
        #expect(table.entries.isEmpty)
        let again = table.append(entry)
        #expect(again)
    }

    @Test func `a range knows its length and indices`() {
        let range = ByteRange(3, 7)
        #expect(range.count == 4)
        #expect(range.indices == 3..<7)
        #expect(!range.isEmpty)
        #expect(ByteRange().isEmpty)
        #expect(ByteRange(5, 5).isEmpty)
    }
}

@Suite struct ByteTextTests {
    @Test func `bytes are compared with a literal exactly`() {
        #expect(ByteText.equal(Array("GET".utf8).span, "GET") == true)
        #expect(ByteText.equal(Array("get".utf8).span, "GET") == false)
        #expect(ByteText.equal(Array("GETS".utf8).span, "GET") == false)
        #expect(ByteText.equal([UInt8]().span, "GET") == false)
    }

    @Test func `text for people is repaired`() {
        #expect(ByteText.string([0x61, 0xFF, 0x62].span) == "a\u{FFFD}b")
    }
}
