import Kernel
import Testing

/// Every function is compared with the loop one would write first, at all alignments and lengths up to four words, over bytes
/// from the edges of the classes.
@Suite struct ByteSearchTests {
    /// Bytes around which the word-wise tricks could err: 0, HTAB, the borders of control characters, DEL, and the high half.
    private static let edges: [UInt8] = [
        0x00, 0x01, 0x08, 0x09, 0x0A, 0x0D, 0x1F, 0x20, 0x21, 0x22, 0x2C, 0x2D, 0x2E, 0x2F, 0x30, 0x3A, 0x40, 0x41,
        0x5A, 0x5B,
        0x5C, 0x5F, 0x60, 0x61, 0x7A, 0x7E, 0x7F, 0x80, 0x81, 0x89, 0xA0, 0xFF,
    ]

    /// Calls `body` with runs that are mostly harmless and now and then hold an edge, at every alignment of a word.
    private func forEachRun(_ body: (Span<UInt8>, Int, UInt64) -> Void) {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = FastRandom(seed: seed)
        for length in 0...34 {
            for lead in 0..<8 {
                for _ in 0..<6 {
                    var bytes = [UInt8](repeating: 0x61, count: lead + length)
                    for _ in 0..<random.below(3) where length > 0 {
                        bytes[lead + random.below(length)] = Self.edges[random.below(Self.edges.count)]
                    }
                    body(bytes.span.extracting(lead...), random.below(length + 1), seed)
                }
            }
        }
    }

    private func naive(_ bytes: Span<UInt8>, from start: Int, where isHit: (UInt8) -> Bool) -> Int {
        for index in start..<bytes.count where isHit(bytes[index]) { return index }
        return bytes.count
    }

    @Test func `the end of a field value is the first control character other than a tab`() {
        forEachRun { bytes, start, seed in
            let expected = naive(bytes, from: start) { $0 < 0x20 && $0 != 0x09 || $0 == 0x7F }
            #expect(ByteSearch.endOfFieldValue(bytes, from: start) == expected, "seed \(seed)")
        }
    }

    @Test func `the first of a byte is found wherever it stands`() {
        forEachRun { bytes, start, seed in
            for byte in Self.edges {
                let expected = naive(bytes, from: start) { $0 == byte }
                #expect(ByteSearch.firstIndex(of: byte, in: bytes, from: start) == expected, "seed \(seed)")
            }
        }
    }

    @Test func `every single byte ends a field value exactly when it is a control character`() {
        for byte in UInt8.min...UInt8.max {
            for place in 0..<17 {
                var bytes = [UInt8](repeating: 0x80, count: 17)
                bytes[place] = byte
                let ends = byte < 0x20 && byte != 0x09 || byte == 0x7F
                #expect(ByteSearch.endOfFieldValue(bytes.span, from: 0) == (ends ? place : 17))
            }
        }
    }

    @Test func `the classes are those of the RFCs`() {
        let letters = Set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789".utf8)
        let classes: [(ByteSet, Set<UInt8>)] = [
            (.token, letters.union("!#$%&'*+-.^_`|~".utf8)),
            (.visible, Set(0x21...0x7E)),
            (.authority, letters.union("-._~!$&'()*+,;=%:[]".utf8)),
            (ByteSet("a\0~"), Set("a\0~".utf8)),
        ]
        for (set, members) in classes {
            for byte in UInt8.min...UInt8.max { #expect(set.contains(byte) == members.contains(byte), "byte \(byte)") }
        }
    }

    @Test func `the first byte outside a class is found`() {
        forEachRun { bytes, start, seed in
            for set in [ByteSet.token, .visible, .authority] {
                let expected = naive(bytes, from: start) { !set.contains($0) }
                #expect(ByteSearch.firstIndex(notIn: set, bytes, from: start) == expected, "seed \(seed)")
            }
        }
    }

    @Test func `tokens and targets end where their classes do`() {
        forEachRun { bytes, start, seed in
            let token = ByteSearch.firstIndex(notIn: .token, bytes, from: start)
            #expect(ByteSearch.endOfToken(bytes, from: start) == token, "seed \(seed)")
            let visible = ByteSearch.firstIndex(notIn: .visible, bytes, from: start)
            #expect(ByteSearch.endOfVisible(bytes, from: start) == visible, "seed \(seed)")
        }
        for byte in UInt8.min...UInt8.max {
            for place in 0..<17 {
                var bytes = [UInt8](repeating: 0x61, count: 17)
                bytes[place] = byte
                let token = ByteSet.token.contains(byte) ? 17 : place
                #expect(ByteSearch.endOfToken(bytes.span, from: 0) == token, "byte \(byte)")
                let visible = ByteSet.visible.contains(byte) ? 17 : place
                #expect(ByteSearch.endOfVisible(bytes.span, from: 0) == visible, "byte \(byte)")
            }
        }
    }

    @Test func `of all bytes only capital letters fold`() {
        for byte in UInt8.min...UInt8.max {
            for other in UInt8.min...UInt8.max where !(0x41...0x5A).contains(other) {
                let left = [UInt8](repeating: byte, count: 9)
                let right = [UInt8](repeating: other, count: 9)
                let folded = (0x41...0x5A).contains(byte) ? byte + 0x20 : byte
                #expect(ByteSearch.equalIgnoringCase(left.span, right.span) == (folded == other))
            }
        }
    }

    @Test func `plain text is printable ASCII without quotes and backslashes`() {
        forEachRun { bytes, _, seed in
            let special = naive(bytes, from: 0) { $0 < 0x20 || $0 > 0x7E || $0 == 0x22 || $0 == 0x5C }
            #expect(ByteSearch.isPlainText(bytes) == (special == bytes.count), "seed \(seed)")
        }
    }

    @Test func `a plain path has plain bytes and no dot behind a slash`() {
        let plain = Set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-./:_~".utf8)
        forEachRun { bytes, _, seed in
            guard bytes.count > 0 else { return }
            let run = [0x2F] + bytes.indices.dropFirst().map { bytes[$0] }
            let expected = run.indices.dropFirst().allSatisfy {
                plain.contains(run[$0]) && !(run[$0] == 0x2E && run[$0 - 1] == 0x2F)
            }
            #expect(ByteSearch.isPlainPath(run.span) == expected, "seed \(seed): \(run)")
        }
    }

    @Test func `equality and equality of any case agree with the letters one by one`() {
        forEachRun { bytes, place, seed in
            var other = bytes.indices.map { bytes[$0] }
            let lower = other.map { $0 >= 0x41 && $0 <= 0x5A ? $0 + 0x20 : $0 }
            #expect(ByteSearch.equal(bytes, other.span) == true, "seed \(seed)")
            #expect(ByteSearch.equalIgnoringCase(bytes, lower.span) == true, "seed \(seed)")
            guard place < other.count else { return }
            other[place] ^= 0x01
            #expect(ByteSearch.equal(bytes, other.span) == false, "seed \(seed)")
            #expect(ByteSearch.equal(bytes, other.span.extracting(0..<place)) == false, "seed \(seed)")
            #expect(ByteSearch.holds(bytes, from: 0, other.span.extracting(0..<place)) == true, "seed \(seed)")
            #expect(ByteSearch.holds(bytes, from: 0, other.span) == false, "seed \(seed)")
            #expect(ByteSearch.holds(bytes, from: place, bytes.extracting(place...)) == true, "seed \(seed)")
        }
        #expect(ByteSearch.equalIgnoringCase(Array("KeEp-Alive".utf8).span, "keep-alive") == true)
        // Only letters fold: `@` and a backquote differ in the same bit.
        #expect(ByteSearch.equalIgnoringCase(Array("@".utf8).span, "`") == false)
        #expect(ByteSearch.equalIgnoringCase(Array("[".utf8).span, "{") == false)
    }

    @Test func `a segment is found to its slash, and its hash depends on nothing else`() {
        forEachRun { bytes, start, seed in
            let scan = ByteSearch.scanSegment(bytes, from: start)
            #expect(scan.end == naive(bytes, from: start) { $0 == 0x2F }, "seed \(seed)")
            let alone = ByteSearch.scanSegment(bytes.extracting(start..<scan.end), from: 0)
            #expect(scan.hash == alone.hash, "seed \(seed)")
        }
    }

    @Test func `an index behind the end ends the process`() async {
        await #expect(processExitsWith: .failure) { _ = ByteSearch.firstIndex(of: 0, in: [1, 2].span, from: 3) }
        await #expect(processExitsWith: .failure) { _ = ByteSearch.endOfFieldValue([1, 2].span, from: -1) }
    }
}
