import Kernel
import Testing
import Upstreams

@Suite struct SplitDrawTests {
    @Test func `targets are drawn by weight, and those of weight zero never`() {
        let draw = SplitDraw(weights: [0, 90, 0, 10, 0])
        var random = FastRandom(seed: 3)
        var counts = [0, 0, 0, 0, 0]
        for _ in 0..<100_000 { counts[draw.draw(random: &random)] += 1 }
        #expect(counts[0] == 0 && counts[2] == 0 && counts[4] == 0)
        #expect(abs(counts[1] - 90_000) < 950)
    }

    @Test func `a single target takes all`() {
        let draw = SplitDraw(weights: [1])
        var random = FastRandom(seed: 3)
        #expect((0..<100).allSatisfy { _ in draw.draw(random: &random) == 0 })
    }

    @Test func `weights that add up to nothing end the process`() async {
        await #expect(processExitsWith: .failure) { _ = SplitDraw(weights: [0, 0]) }
    }
}
