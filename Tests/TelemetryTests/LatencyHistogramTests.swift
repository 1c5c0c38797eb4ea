import Telemetry
import Testing

@Suite struct LatencyHistogramTests {
    @Test func `a bound belongs to its own bucket and a nanosecond more to the next`() throws {
        for bucket in 0..<LatencyHistogram.bucketCount - 1 {
            let bound = try #require(LatencyHistogram.boundMicroseconds(bucket)) * 1_000
            #expect(LatencyHistogram.bucket(nanoseconds: bound) == bucket)
            #expect(LatencyHistogram.bucket(nanoseconds: bound + 1) == bucket + 1)
            #expect(LatencyHistogram.bucket(nanoseconds: bound - 1) == bucket)
        }
    }

    @Test func `bounds run from 64 microseconds to 67 seconds, two to each doubling`() {
        #expect(LatencyHistogram.boundMicroseconds(0) == 64)
        #expect(LatencyHistogram.boundMicroseconds(1) == 96)
        #expect(LatencyHistogram.boundMicroseconds(2) == 128)
        #expect(LatencyHistogram.boundMicroseconds(LatencyHistogram.bucketCount - 2) == 67_108_864)
        #expect(LatencyHistogram.boundMicroseconds(LatencyHistogram.bucketCount - 1) == nil)
    }

    @Test func `the ends of the range have buckets`() {
        #expect(LatencyHistogram.bucket(nanoseconds: 0) == 0)
        #expect(LatencyHistogram.bucket(nanoseconds: .max) == LatencyHistogram.bucketCount - 1)
    }
}
