import Kernel
import Limits
import Testing

@Suite struct LimitFieldWriterTests {
    private static let wall: Int64 = 1_800_000_000_250

    private func writer(
        _ fields: LimitField.Choice, _ form: LimitField.ResetForm = .epochSeconds
    ) throws -> LimitFieldWriter {
        LimitFieldWriter(
            [
                ("per-min", try GCRALimit(count: 600, periodNanoseconds: 60 * second)),
                ("per-day", try GCRALimit(count: 50_000, periodNanoseconds: 86_400 * second, burst: 100)),
                ("odd \\ \"ü\"", try GCRALimit(count: 10, periodNanoseconds: 1_500_000_000)),
                ("fast", try GCRALimit(count: 10, periodNanoseconds: 100_000_000)),
            ], fields: fields, resetForm: form)
    }

    private func text(_ writer: LimitFieldWriter, _ reports: [LimitReport]) -> String {
        let room = writer.bytesMax(reports: reports.count)
        var buffer = ByteBuffer(capacity: room)
        writer.append(reports.span, wallMilliseconds: Self.wall, to: &buffer)
        let bytes = buffer.readable
        return String(decoding: bytes.indices.map { bytes[$0] }, as: UTF8.self)
    }

    private func allowed(_ label: Int, remaining: Int, reset: UInt64) -> LimitReport {
        LimitReport(
            label: label,
            decision: LimitDecision(
                verdict: .allowed, remaining: remaining, resetNanoseconds: reset, retryNanoseconds: 0))
    }

    private func refused(_ label: Int, reset: UInt64, retry: UInt64, remaining: Int = 0, cost: Int = 1) -> LimitReport {
        LimitReport(
            label: label,
            decision: LimitDecision(
                verdict: .refused, remaining: remaining, resetNanoseconds: reset, retryNanoseconds: retry), cost: cost)
    }

    @Test func `the fields of the draft list all limits`() throws {
        let reports = [allowed(0, remaining: 412, reset: 22_000_000_001), allowed(1, remaining: 99, reset: 2 * second)]
        #expect(
            text(try writer(.rateLimit), reports) == """
                RateLimit-Policy: "per-min";q=600;w=60, "per-day";q=50000;w=86400\r
                RateLimit: "per-min";r=412;t=23, "per-day";r=99;t=2\r

                """)
    }

    @Test func `a name is quoted, and a period is told in whole seconds`() throws {
        let reports = [allowed(2, remaining: 9, reset: 0), allowed(3, remaining: 9, reset: 1)]
        #expect(
            text(try writer(.rateLimit), reports) == """
                RateLimit-Policy: "odd \\\\ \\"__\\"";q=13;w=2, "fast";q=100;w=1\r
                RateLimit: "odd \\\\ \\"__\\"";r=9;t=0, "fast";r=9;t=1\r

                """)
    }

    @Test func `the three fields tell the limit that leaves least`() throws {
        let reports = [allowed(0, remaining: 412, reset: 30 * second), allowed(1, remaining: 7, reset: 749_000_000)]
        #expect(
            text(try writer(.xRateLimit), reports) == """
                X-RateLimit-Limit: 100\r
                X-RateLimit-Remaining: 7\r
                X-RateLimit-Reset: 1800000001\r

                """)
        #expect(text(try writer(.xRateLimit, .secondsLeft), [reports[0]]).hasSuffix("X-RateLimit-Reset: 30\r\n"))
        #expect(
            text(try writer(.xRateLimit), [allowed(0, remaining: 1, reset: 751_000_000)]).hasSuffix(": 1800000002\r\n"))
    }

    @Test func `a limit that refuses goes before one that leaves less, and the longest wait counts`() throws {
        let reports = [
            allowed(0, remaining: 0, reset: 60 * second),
            refused(1, reset: 9 * second, retry: 1, remaining: 5, cost: 6),
            refused(3, reset: 4 * second, retry: 2_000_000_001, remaining: 2, cost: 6),
        ]
        #expect(
            text(try writer([.xRateLimit, .retryAfter], .secondsLeft), reports) == """
                X-RateLimit-Limit: 10\r
                X-RateLimit-Remaining: 2\r
                X-RateLimit-Reset: 3\r
                Retry-After: 3\r

                """)
    }

    @Test(arguments: [(1, 1), (999_999_999, 1), (1_000_000_000, 1), (1_000_000_001, 2), (86_400_000_000_000, 86_400)])
    func `a wait is told in whole seconds, rounded up and never 0`(retry: UInt64, seconds: Int) throws {
        #expect(
            text(try writer(.retryAfter), [refused(0, reset: retry, retry: retry)]) == "Retry-After: \(seconds)\r\n")
    }

    @Test func `who is allowed, or never will be, is not told to come back`() throws {
        #expect(text(try writer(.retryAfter), [allowed(0, remaining: 0, reset: second)]).isEmpty)
        let never = [
            refused(0, reset: second, retry: second), refused(1, reset: 0, retry: LimitDecision.never, cost: 101),
        ]
        #expect(text(try writer(.retryAfter), never).isEmpty)
        #expect(text(try writer([.rateLimit, .xRateLimit, .retryAfter]), []).isEmpty)
    }

    @Test func `Spring's fields are written as Spring does`() throws {
        #expect(
            text(try writer(.spring), [refused(0, reset: second, retry: second, remaining: 1, cost: 2)]) == """
                X-RateLimit-Remaining: 1\r
                X-RateLimit-Replenish-Rate: 10\r
                X-RateLimit-Burst-Capacity: 600\r
                X-RateLimit-Requested-Tokens: 2\r

                """)
    }

    @Test func `the longest texts fit in what was announced`() throws {
        let longest = try GCRALimit(count: 1_000_000, periodNanoseconds: 366 * 86_400 * second, burst: 1_000_000 / 4)
        let name = String(repeating: "\"", count: 100)
        let writer = LimitFieldWriter([(name, longest)], fields: [.rateLimit, .xRateLimit, .spring, .retryAfter])
        let report = refused(0, reset: .max - 1, retry: .max - 1, remaining: .max, cost: .max)
        for count in 0..<5 {
            let written = text(writer, Array(repeating: report, count: count)).utf8.count
            #expect(written <= writer.bytesMax(reports: count))
        }
    }
}
