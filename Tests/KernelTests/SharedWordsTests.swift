import Kernel
import Testing

@Suite struct SharedWordsTests {
    @Test func `words start at zero and are exchanged only as expected`() {
        let words = SharedWords(count: 3)
        #expect(words.count == 8 && (0..<8).allSatisfy { words[$0] == 0 })
        #expect(words.compareExchange(2, expected: 1, desired: 9) == .different)
        #expect(words.compareExchange(2, expected: 0, desired: 9) == .exchanged)
        #expect(words[2] == 9 && words.add(2, .max) == 9 && words[2] == 8)
    }

    @Test func `a twin is exchanged if both words are as expected`() {
        let words = SharedWords(count: 8)
        let twin = WordTwin(first: 1, second: 2)
        #expect(words.compareExchangeTwin(6, expected: WordTwin(first: 0, second: 0), desired: twin) == .exchanged)
        #expect(words[6] == 1 && words[7] == 2 && words.twin(6) == twin)
        for other in [WordTwin(first: 1, second: 3), WordTwin(first: 0, second: 2)] {
            #expect(words.compareExchangeTwin(6, expected: other, desired: other) == .different)
        }
        #expect(words.twin(6) == twin)
    }

    @Test func `all handles are on the same words, which outlive the first`() {
        var words: SharedWords? = SharedWords(count: 1)
        let handle = words?.handle()
        words?.add(0, 5)
        words = nil
        #expect(handle?[0] == 5)
    }

    @Test func `threads lose no exchange, of words or of twins`() throws {
        let words = SharedWords(count: 8)
        let threads = try (0..<4).map { _ in
            try SystemThread.start(name: "words") {
                let words = words.handle()
                for _ in 0..<5_000 {
                    words.add(0, 1)
                    while true {
                        let twin = words.twin(2)
                        let next = WordTwin(first: twin.first + 1, second: twin.second + 2)
                        if words.compareExchangeTwin(2, expected: twin, desired: next) == .exchanged { break }
                    }
                }
            }
        }
        for thread in threads { thread.join() }
        #expect(words[0] == 20_000 && words.twin(2) == WordTwin(first: 20_000, second: 40_000))
    }

    @Test func `a place outside ends the process`() async {
        await #expect(processExitsWith: .failure) { _ = SharedWords(count: 8)[8] }
        await #expect(processExitsWith: .failure) { _ = SharedWords(count: 8)[-1] }
        await #expect(processExitsWith: .failure) { _ = SharedWords(count: 8).twin(1) }
        await #expect(processExitsWith: .failure) { _ = SharedWords(count: 8).twin(8) }
        await #expect(processExitsWith: .failure) { _ = SharedWords(count: 0) }
    }
}
