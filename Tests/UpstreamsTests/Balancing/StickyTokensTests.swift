import Kernel
import Testing
import Upstreams

@Suite struct StickyTokensTests {
    private let key = HashKey(low: 1, high: 2)
    private let names = (0..<50).map { "10.0.0.\($0):8080" }

    private func token(_ tokens: StickyTokens, _ index: Int) -> [UInt8] {
        var buffer = ByteBuffer(capacity: StickyTokens.tokenBytes)
        tokens.append(tokenOf: index, to: &buffer)
        let readable = buffer.readable
        return readable.indices.map { readable[$0] }
    }

    @Test func `each token leads back to its endpoint`() {
        let tokens = StickyTokens(identities: names, key: key)
        for index in names.indices {
            let text = token(tokens, index)
            #expect(text.count == StickyTokens.tokenBytes)
            #expect(tokens.endpoint(text.span) == index)
        }
    }

    @Test func `a token names its endpoint in every list, and none in a list without it`() {
        let tokens = StickyTokens(identities: names, key: key)
        let shorter = StickyTokens(identities: Array(names[10...].reversed()), key: key)
        #expect(shorter.endpoint(token(tokens, 49).span) == 0)
        #expect(shorter.endpoint(token(tokens, 10).span) == 39)
        #expect(shorter.endpoint(token(tokens, 9).span) == nil)
        #expect(StickyTokens(identities: [], key: key).endpoint(token(tokens, 9).span) == nil)
    }

    @Test func `another key gives other tokens, and none shows the address`() {
        let one = StickyTokens(identities: names, key: key)
        let other = StickyTokens(identities: names, key: HashKey(low: 1, high: 3))
        #expect(other.endpoint(token(one, 0).span) == nil)
        #expect(Set(names.indices.map { token(one, $0) }).count == names.count)
    }

    @Test(arguments: [
        "", "0", "0123456789abcde", "0123456789abcdef0", "0123456789ABCDEF", "0123456789abcdeg", "                ",
    ])
    func `rubbish names none`(text: String) {
        let bytes = Array(text.utf8)
        #expect(StickyTokens(identities: names, key: key).endpoint(bytes.span) == nil)
    }

    @Test func `a token with upper-case digits is none of ours`() {
        let tokens = StickyTokens(identities: names, key: key)
        let upper = Array(String(decoding: token(tokens, 0), as: UTF8.self).uppercased().utf8)
        #expect(upper == token(tokens, 0) || tokens.endpoint(upper.span) == nil)
    }
}
