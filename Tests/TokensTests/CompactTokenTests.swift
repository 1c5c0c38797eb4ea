import Testing
import Tokens

@Suite struct CompactTokenTests {
    @Test func `a token is three parts with dots between them`() throws {
        let parts = CompactToken(Array("abc.de.f".utf8).span)
        let token = try #require(parts)
        #expect(token.header == 0..<3 && token.claims == 4..<6 && token.signature == 7..<8)
        #expect(token.signingInput == 0..<6)
    }

    @Test(arguments: [
        "", ".", "..", "...", "a", "a.b", "a.b.", "a..c", ".b.c", "a.b.c.", "a.b.c.d", "a.b.c.d.e", "..c", "a..",
    ])
    func `other numbers of parts and empty ones are refused`(text: String) {
        #expect(CompactToken(Array(text.utf8).span) == nil)
    }
}
