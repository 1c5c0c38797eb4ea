import Testing
import Upstreams

@Suite struct EndpointSetTests {
    @Test func `it holds what was inserted`() {
        var set = EndpointSet()
        #expect(set.isEmpty && !set.contains(0))
        set.insert(0)
        set.insert(70_000)
        set.insert(0)
        #expect(!set.isEmpty && set.contains(0) && set.contains(70_000) && !set.contains(1) && !set.contains(-1))
    }

    @Test func `beyond its size the oldest is forgotten`() {
        var set = EndpointSet()
        for index in 0..<(EndpointSet.countMax + 2) { set.insert(index) }
        #expect(!set.contains(0) && !set.contains(1))
        #expect((2..<(EndpointSet.countMax + 2)).allSatisfy { set.contains($0) })
    }
}
