import Kernel
import Testing
import Upstreams

@Suite struct RetryAfterTests {
    /// Sun, 06 Nov 1994 08:49:37 GMT.
    private static let moment: Int64 = 784_111_777_000

    private func milliseconds(_ text: String, now: Int64 = moment) -> Int? {
        let bytes = Array(text.utf8)
        return RetryAfter.milliseconds(bytes.span, wallMilliseconds: now)
    }

    @Test(arguments: [
        ("0", 0), ("1", 1_000), ("120", 120_000), ("007", 7_000), (" 5\t", 5_000), ("31536000", 31_536_000_000),
        ("31536001", 31_536_000_000), ("99999999999999999999999999999999", 31_536_000_000),
    ])
    func `a number of seconds`(text: String, expected: Int) {
        #expect(milliseconds(text) == expected)
    }

    @Test(arguments: [
        "Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994",
        " Sun, 06 Nov 1994 08:49:37 GMT ",
    ])
    func `the three forms of a date`(text: String) {
        #expect(milliseconds(text) == 0)
        #expect(milliseconds(text, now: Self.moment - 5_000) == 5_000)
        #expect(milliseconds(text, now: Self.moment - 4_999) == 4_999)
        #expect(milliseconds(text, now: Self.moment + 86_400_000) == 0)
    }

    /// Seconds since 1970 from elsewhere.
    @Test(
        arguments: [
            ("Thu, 01 Jan 1970 00:00:10 GMT", 10), ("Tue, 29 Feb 2000 12:00:00 GMT", 951_825_600),
            ("Fri, 31 Dec 1999 23:59:60 GMT", 946_684_800), ("Tue Feb 29 12:00:00 2000", 951_825_600),
            ("Mon, 01 Mar 2100 00:00:00 GMT", 4_107_542_400), ("Wednesday, 26-Aug-26 10:20:30 GMT", 1_787_739_630),
            ("Thursday, 01-Jan-70 00:00:09 GMT", 9), ("Saturday, 01-Jan-00 00:00:00 GMT", 946_684_800),
        ] as [(String, Int64)])
    func `dates are the right moments`(text: String, seconds: Int64) {
        #expect(milliseconds(text, now: seconds * 1_000 - 7_000) == 7_000)
    }

    @Test func `two digits mean the century that is at most fifty years ahead`() {
        // In August 2026: 76 is 2076, far ahead; 77 is 1977, long past.
        let now: Int64 = 1_787_739_630_000
        #expect(milliseconds("Wednesday, 26-Aug-76 10:20:30 GMT", now: now) == RetryAfter.millisecondsMax)
        #expect(milliseconds("Wednesday, 26-Aug-77 10:20:30 GMT", now: now) == 0)
    }

    @Test(arguments: [
        "", " ", "-1", "+1", "1.5", "1 2", "1s", "0x10", "1e3", "soon", "Sun", "Sun,",
        "Sun, 06 Nov 1994 08:49:37", "Sun, 06 Nov 1994 08:49:37 UTC", "sun, 06 Nov 1994 08:49:37 GMT",
        "Sun, 06 nov 1994 08:49:37 GMT", "Sun, 6 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 94 08:49:37 GMT",
        "Sun, 32 Nov 1994 08:49:37 GMT", "Sun, 00 Nov 1994 08:49:37 GMT", "Sun, 31 Nov 1994 08:49:37 GMT",
        "Tue, 29 Feb 2001 12:00:00 GMT", "Tue, 29 Feb 2100 12:00:00 GMT", "Sun, 06 Nov 1994 24:00:00 GMT",
        "Sun, 06 Nov 1994 08:60:37 GMT", "Sun, 06 Nov 1994 08:49:61 GMT", "Sun, 06 Nov 1994 08-49-37 GMT",
        "Sun, 06 Nov 1994 08:49:37 GMT, 5", "Xyz, 06 Nov 1994 08:49:37 GMT", "Sun, 06 Xyz 1994 08:49:37 GMT",
        "Sunday, 06-Nov-1994 08:49:37 GMT", "Sonday, 06-Nov-94 08:49:37 GMT", "Sunday 06-Nov-94 08:49:37 GMT",
        "Sun Nov 6 08:49:37 1994", "Sun Nov  6 08:49:37 94", "Sun Nov  0 08:49:37 1994", "Sun Nov  6 08:49:37 1994 GMT",
        "Sun, 0\u{0} Nov 1994 08:49:37 GMT", "Sün, 06 Nov 1994 08:49:37 GMT",
    ])
    func `rubbish is no wait`(text: String) {
        #expect(milliseconds(text) == nil)
    }

    @Test func `no octets whatsoever end the process`() {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = FastRandom(seed: seed)
        let forms = [
            "Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994", "120",
        ]
        for _ in 0..<20_000 {
            var bytes = Array(forms[random.below(forms.count)].utf8)
            for _ in 0..<(1 + random.below(3)) { bytes[random.below(bytes.count)] = UInt8(random.below(256)) }
            bytes.removeLast(random.below(bytes.count))
            let wait = RetryAfter.milliseconds(bytes.span, wallMilliseconds: Self.moment)
            #expect(wait.map { $0 >= 0 && $0 <= RetryAfter.millisecondsMax } ?? true, "seed \(seed)")
        }
        for now in [Int64.min / 2_000, 0, 253_402_300_799_000] {
            #expect(milliseconds("Sunday, 06-Nov-94 08:49:37 GMT", now: now) != nil)
        }
    }
}
