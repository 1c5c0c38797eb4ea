import Kernel
import Testing
import Tokens

@Suite struct Base64URLTests {
    private func decode(_ text: String, room: Int = 100) -> [UInt8]? {
        var buffer = ByteBuffer(capacity: room)
        let isDecoded = Base64URL.decode(Array(text.utf8).span, into: &buffer)
        let octets = buffer.readable.indices.map { buffer.readable[$0] }
        if !isDecoded { #expect(octets.isEmpty) }
        return isDecoded ? octets : nil
    }

    @Test(arguments: [
        ("", ""), ("Zg", "f"), ("Zm8", "fo"), ("Zm9v", "foo"), ("Zm9vYg", "foob"), ("Zm9vYmE", "fooba"),
        ("Zm9vYmFy", "foobar"), ("eyJhbGciOiJub25lIn0", #"{"alg":"none"}"#),
    ])
    func `texts stand for octets both ways`(text: String, plain: String) {
        #expect(decode(text) == Array(plain.utf8))
        #expect(Base64URL.encode(Array(plain.utf8)) == text)
    }

    @Test func `every octet string of up to three comes back, and all 64 characters are known`() {
        for first in 0...255 {
            let octets = [UInt8(first), UInt8(first ^ 0xA5), UInt8(255 - first)]
            for count in 1...3 {
                let some = Array(octets[..<count])
                #expect(decode(Base64URL.encode(some)) == some)
            }
        }
        #expect(decode("-_-_") == [0xFB, 0xFF, 0xBF])
    }

    @Test func `exactly one text of two or three characters stands for some octets`() {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
        let pairs = alphabet.filter { decode("A\($0)") != nil }
        let triples = alphabet.filter { decode("AA\($0)") != nil }
        #expect(pairs == ["A", "Q", "g", "w"])
        #expect(triples.count == 16)
    }

    @Test(arguments: [
        "A", "AAAAA", "Zg==", "Zg=", "Zm8=", "Zm9v=", "Zm9v\n", " Zm9", "Zm9 ", "Zm+v", "Zm/v", "Zm.v", "Zh", "Zm9",
        "Zm9vYh",
        "Zé9", "\0\0\0\0",
    ])
    func `other characters, padding, spare bits and impossible lengths are refused`(text: String) {
        #expect(decode(text) == nil)
    }

    @Test func `every octet outside the alphabet is refused at every place`() {
        let alphabet = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)
        for octet in UInt8.min...UInt8.max where !alphabet.contains(octet) {
            for place in 0..<6 {
                var text = Array("AAAAAA".utf8)
                text[place] = octet
                var buffer = ByteBuffer(capacity: 8)
                let isDecoded = Base64URL.decode(text.span, into: &buffer)
                #expect(!isDecoded)
            }
        }
    }

    @Test func `what does not fit is refused`() {
        #expect(decode("Zm9v", room: 3) != nil)
        #expect(decode("Zm9v", room: 2) == nil)
    }
}
