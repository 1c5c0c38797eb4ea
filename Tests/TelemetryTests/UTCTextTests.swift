import Foundation
import Kernel
import Telemetry
import Testing

@Suite struct UTCTextTests {
    @Test(
        arguments: [
            (0, "1970-01-01T00:00:00.000Z"), (1, "1970-01-01T00:00:00.001Z"), (-1, "1969-12-31T23:59:59.999Z"),
            (951_782_400_000, "2000-02-29T00:00:00.000Z"), (951_868_799_999, "2000-02-29T23:59:59.999Z"),
            (4_107_542_399_000, "2100-02-28T23:59:59.000Z"), (4_107_542_400_000, "2100-03-01T00:00:00.000Z"),
            (253_402_300_799_999, "9999-12-31T23:59:59.999Z"), (Int64.max, "9999-12-31T23:59:59.999Z"),
            (Int64.min, "0000-01-01T00:00:00.000Z"),
        ] as [(Int64, String)])
    func `a moment is written in UTC with milliseconds`(milliseconds: Int64, expected: String) {
        var clock = UTCText()
        var target = ByteBuffer(capacity: UTCText.byteCount)
        clock.append(milliseconds: milliseconds, into: &target)
        #expect(text(target) == expected)
    }

    @Test func `it agrees with Foundation over a thousand years, with one formatter for all`() {
        var clock = UTCText()
        var target = ByteBuffer(capacity: UTCText.byteCount)
        let style = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
        for step in 0..<4_000 as Range<Int64> {
            let milliseconds = step * 8_640_123_456
            target.clear()
            clock.append(milliseconds: milliseconds, into: &target)
            // Half a millisecond more keeps the double from being cut one too low.
            let date = Date(timeIntervalSince1970: (Double(milliseconds) + 0.5) / 1_000)
            #expect(text(target) == date.formatted(style))
        }
    }
}
