import Declarations
import Kernel
import Testing

@testable import Upstreams

@Suite struct HedgePolicyTests {
    private static let millisecond: UInt64 = 1_000_000
    private let seed = UInt64.random(in: 0...UInt64.max)

    private func policy(_ percentile: Int = 95, from: Int = 5, to: Int = 2_000) -> HedgePolicy {
        var declaration = HedgeDeclaration()
        declaration.percentile = percentile
        declaration.delayMinMilliseconds = from
        declaration.delayMaxMilliseconds = to
        return HedgePolicy(declaration)
    }

    private func delay(_ policy: inout HedgePolicy, at now: UInt64) -> UInt64? {
        policy.delayNanoseconds(isIdempotent: true, holdsWholeRequest: true, now: now)
    }

    @Test(arguments: [(50, 20), (90, 50), (95, 100), (99, 500)])
    func `with too few samples there is no delay`(percentile: Int, needed: Int) {
        var policy = policy(percentile)
        for _ in 0..<(needed - 1) { policy.headReceived(afterNanoseconds: 10 * Self.millisecond, now: 1) }
        #expect(delay(&policy, at: 1) == nil)
        policy.headReceived(afterNanoseconds: 10 * Self.millisecond, now: 1)
        #expect(delay(&policy, at: 1 + HedgePolicy.refreshNanoseconds) != nil)
    }

    @Test func `what must not run twice is not hedged`() {
        var policy = policy()
        for _ in 0..<500 { policy.headReceived(afterNanoseconds: 10 * Self.millisecond, now: 1) }
        #expect(policy.delayNanoseconds(isIdempotent: false, holdsWholeRequest: true, now: 1) == nil)
        #expect(policy.delayNanoseconds(isIdempotent: true, holdsWholeRequest: false, now: 1) == nil)
        #expect(policy.delayNanoseconds(isIdempotent: true, holdsWholeRequest: true, now: 1) != nil)
    }

    @Test(arguments: [50, 75, 90, 95, 99])
    func `the delay is the percentile, at most a quarter too long`(percentile: Int) {
        var random = FastRandom(seed: seed)
        var policy = policy(percentile, from: 0, to: 100_000)
        var samples = (0..<5_000).map { _ in UInt64(1 + random.below(1 << (10 + random.below(22)))) }
        for sample in samples { policy.headReceived(afterNanoseconds: sample, now: 5) }
        samples.sort()
        let exact = max(65_536, samples[(samples.count * percentile + 99) / 100 - 1])
        guard let told = delay(&policy, at: 5) else { return #expect(Bool(false)) }
        #expect(told >= exact && Double(told) <= 1.25 * Double(exact), "seed \(seed)")
    }

    @Test func `the delay keeps its bounds`() {
        var low = policy(from: 50, to: 2_000)
        var high = policy(from: 5, to: 100)
        for _ in 0..<500 {
            low.headReceived(afterNanoseconds: 1_000, now: 1)
            high.headReceived(afterNanoseconds: .max, now: 1)
        }
        #expect(delay(&low, at: 1) == 50 * Self.millisecond)
        #expect(delay(&high, at: 1) == 100 * Self.millisecond)
    }

    @Test func `what is old is forgotten`() {
        var policy = policy(from: 0)
        for _ in 0..<500 { policy.headReceived(afterNanoseconds: 100 * Self.millisecond, now: 0) }
        let window = HedgePolicy.windowNanoseconds
        #expect(delay(&policy, at: 0).map { $0 >= 100 * Self.millisecond } == true)
        // One window later the samples still count, two windows later they do not.
        for _ in 0..<200 { policy.headReceived(afterNanoseconds: 10 * Self.millisecond, now: window) }
        #expect(delay(&policy, at: window).map { $0 >= 100 * Self.millisecond } == true)
        for _ in 0..<200 { policy.headReceived(afterNanoseconds: 10 * Self.millisecond, now: 2 * window) }
        #expect(delay(&policy, at: 2 * window).map { $0 < 20 * Self.millisecond } == true)
        #expect(delay(&policy, at: 9 * window) == nil)
    }

    @Test func `each latency lies within its bucket`() {
        var random = FastRandom(seed: seed)
        for _ in 0..<10_000 {
            let latency = random.next() >> UInt64(27 + random.below(37))
            let bucket = HedgePolicy.bucket(latency)
            #expect(latency <= HedgePolicy.bound(bucket), "\(latency)")
            if bucket > 0 { #expect(latency > HedgePolicy.bound(bucket - 1), "\(latency)") }
        }
        #expect(HedgePolicy.bucket(.max) == 87)
    }
}
