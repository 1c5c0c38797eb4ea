import Testing
import WebSocket

@Suite struct FrameBoundaryTests {
    private func frame(_ opcode: UInt8, _ length: Int, isMasked: Bool, isFinal: Bool = true) -> [UInt8] {
        var bytes: [UInt8] = [(isFinal ? 0x80 : 0) | opcode]
        let mask: UInt8 = isMasked ? 0x80 : 0
        if length < 126 {
            bytes.append(mask | UInt8(length))
        } else if length < 65_536 {
            bytes += [mask | 126, UInt8(length >> 8), UInt8(length & 255)]
        } else {
            bytes += [mask | 127] + (0..<8).reversed().map { UInt8(length >> (8 * $0) & 255) }
        }
        if isMasked { bytes += [1, 2, 3, 4] }
        // Payloads that look like frames must not be taken for any.
        return bytes + [UInt8](repeating: 0x88, count: length)
    }

    @Test(arguments: [0, 1, 125, 126, 127, 65_535, 65_536, 70_000], [true, false])
    func `a frame ends where its length says`(length: Int, isMasked: Bool) {
        let bytes = frame(2, length, isMasked: isMasked)
        var boundary = FrameBoundary()
        #expect(boundary.isBetweenFrames)
        for place in bytes.indices {
            boundary.passed(bytes.span.extracting(place..<place + 1))
            #expect(boundary.isBetweenFrames == (place == bytes.count - 1), "byte \(place) of \(bytes.count)")
        }
        #expect(boundary.hasClosed == false)
        boundary.passed(bytes.span)
        #expect(boundary.isBetweenFrames)
    }

    @Test func `many frames may pass at once, and a piece of one`() {
        var boundary = FrameBoundary()
        let bytes =
            frame(1, 5, isMasked: true, isFinal: false) + frame(9, 0, isMasked: true) + frame(0, 300, isMasked: true)
        boundary.passed(bytes.span)
        #expect(boundary.isBetweenFrames)
        boundary.passed(bytes.span.extracting(0..<3))
        #expect(!boundary.isBetweenFrames)
    }

    @Test(arguments: [0, 2, 100])
    func `a close frame is noticed when it has passed whole`(length: Int) {
        var boundary = FrameBoundary()
        let bytes = frame(8, length, isMasked: false)
        boundary.passed(bytes.span.extracting(0..<bytes.count - 1))
        #expect(boundary.hasClosed == false)
        boundary.passed(bytes.span.extracting(bytes.count - 1..<bytes.count))
        #expect(boundary.hasClosed)
    }

    @Test func `an impossible length is never a boundary again`() {
        var boundary = FrameBoundary()
        boundary.passed([0x82, 127, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF].span)
        boundary.passed([UInt8](repeating: 0, count: 1_000).span)
        #expect(!boundary.isBetweenFrames)
    }

    @Test func `the gateway's own close frame is a close frame`() {
        var boundary = FrameBoundary()
        let frame = FrameBoundary.goingAway
        boundary.passed(frame.span)
        #expect(boundary.isBetweenFrames && boundary.hasClosed)
    }
}
