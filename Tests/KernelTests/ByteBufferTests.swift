import Kernel
import Testing

@Suite struct ByteBufferTests {
    @Test func `a buffer without storage holds nothing and takes nothing`() {
        var buffer = ByteBuffer()
        #expect(content(buffer).isEmpty)
        let (hasStorage, room) = (buffer.hasStorage, buffer.writableCount)
        #expect(!hasStorage)
        #expect(room == 0)
        buffer.append([])
        buffer.append("")
        buffer.compact()
        buffer.consume(0)
        buffer.clear()
        #expect(content(buffer).isEmpty)
    }

    @Test func `what is appended is read in order, and consuming frees its room only at the end or by compacting`() {
        var buffer = ByteBuffer(capacity: 8)
        buffer.append("abc")
        buffer.append(0x64)
        buffer.append(Array("ef".utf8))
        #expect(content(buffer) == "abcdef")
        buffer.consume(4)
        #expect(content(buffer) == "ef")
        #expect(room(buffer) == 2)
        buffer.compact()
        #expect(content(buffer) == "ef")
        #expect(room(buffer) == 6)
        buffer.truncate(to: 1)
        #expect(content(buffer) == "e")
        buffer.consume(1)
        #expect(room(buffer) == 8)
    }

    @Test func `a buffer can be appended to another, and taken from its place`() {
        var first = ByteBuffer(capacity: 4)
        first.append("wxyz")
        first.consume(1)
        var second = ByteBuffer(capacity: 4)
        second.append("-")
        second.append(first)
        #expect(content(second) == "-xyz")
        let taken = second.take()
        #expect(content(taken) == "-xyz")
        let left = second.hasStorage
        #expect(!left)
        second.append(ByteBuffer())
    }

    @Test(arguments: [0, 1, 9, 10, 11, 99, 100, 12_345, 999_999_999_999, Int.max, Int.max - 1, -1, -10, Int.min])
    func `decimal numbers are written as Swift writes them`(number: Int) {
        var buffer = ByteBuffer(capacity: 20)
        buffer.appendDecimal(number)
        #expect(content(buffer) == "\(number)")
    }

    @Test func `every power of ten and its neighbours have the right number of digits`() {
        var power = 1
        for _ in 0..<18 {
            power *= 10
            for number in [power - 1, power, power + 1] {
                var buffer = ByteBuffer(capacity: 20)
                buffer.appendDecimal(number)
                #expect(content(buffer) == "\(number)")
            }
        }
    }

    @Test func `padded decimals have their width, and higher digits are cut`() {
        for (number, width, text) in [
            (7, 3, "007"), (200, 3, "200"), (0, 1, "0"), (12_345, 2, "45"), (5, 18, "000000000000000005"),
        ] {
            var buffer = ByteBuffer(capacity: 18)
            buffer.appendDecimal(number, width: width)
            #expect(content(buffer) == text)
        }
    }

    @Test(arguments: [0, 1, 9, 10, 15, 16, 255, 256, 4_095, 4_096, 65_535, 1 << 60, Int.max])
    func `chunk sizes are written without leading zeros`(size: Int) {
        var buffer = ByteBuffer(capacity: 16)
        buffer.appendChunkSize(size)
        #expect(content(buffer) == String(size, radix: 16))
    }

    @Test(arguments: [0, 1, 0xDEAD_BEEF, UInt64.max, 0x0123_4567_89AB_CDEF])
    func `identifiers are 16 hexadecimal digits`(number: UInt64) {
        var buffer = ByteBuffer(capacity: 16)
        buffer.appendHexadecimal(number)
        let digits = String(number, radix: 16)
        #expect(content(buffer) == String(repeating: "0", count: 16 - digits.count) + digits)
    }

    @Test func `random operations agree with an array`() {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = FastRandom(seed: seed)
        var buffer = ByteBuffer(capacity: 32)
        var model: [UInt8] = []
        for _ in 0..<20_000 {
            switch random.below(6) {
            case 0:
                let byte = UInt8(random.below(256))
                if buffer.writableCount > 0 {
                    buffer.append(byte)
                    model.append(byte)
                }
            case 1:
                let bytes = (0..<random.below(buffer.writableCount + 1)).map { UInt8($0) }
                buffer.append(bytes)
                model += bytes
            case 2:
                let count = random.below(model.count + 1)
                buffer.consume(count)
                model.removeFirst(count)
            case 3:
                let count = random.below(model.count + 1)
                buffer.truncate(to: count)
                model.removeLast(model.count - count)
            case 4: buffer.compact()
            default: break
            }
            guard bytes(buffer) == model, buffer.count == model.count, buffer.isEmpty == model.isEmpty else {
                Issue.record("seed \(seed)")
                return
            }
        }
    }

    private func bytes(_ buffer: borrowing ByteBuffer) -> [UInt8] {
        let span = buffer.readable
        return span.indices.map { span[$0] }
    }

    private func content(_ buffer: borrowing ByteBuffer) -> String { String(decoding: bytes(buffer), as: UTF8.self) }

    private func room(_ buffer: borrowing ByteBuffer) -> Int { buffer.writableCount }
}

@Suite struct ByteBufferTrapTests {
    @Test func `appending more than there is room for ends the process`() async {
        await #expect(processExitsWith: .failure) {
            var buffer = ByteBuffer(capacity: 3)
            buffer.append("abcd")
        }
        await #expect(processExitsWith: .failure) {
            var buffer = ByteBuffer(capacity: 3)
            buffer.append([1, 2, 3, 4])
        }
        await #expect(processExitsWith: .failure) {
            var buffer = ByteBuffer(capacity: 3)
            buffer.appendDecimal(1234)
        }
    }

    @Test func `consuming more than is there ends the process`() async {
        await #expect(processExitsWith: .failure) {
            var buffer = ByteBuffer(capacity: 3)
            buffer.append("ab")
            buffer.consume(3)
        }
    }
}

@Suite struct ByteBufferPoolTests {
    @Test func `a buffer comes back empty, and the pool keeps no more than it may`() {
        var pool = ByteBufferPool(bufferBytes: 16, keptMax: 2)
        for _ in 0..<3 {
            var first = pool.take()
            let second = pool.take()
            let third = pool.take()
            first.append("abc")
            pool.give(second)
            pool.give(third)
            pool.give(first)
            let again = pool.take()
            let (count, capacity) = (again.count, again.capacity)
            #expect(count == 0)
            #expect(capacity == 16)
            pool.give(again)
        }
    }

    @Test func `a buffer of another size is refused by ending the process`() async {
        await #expect(processExitsWith: .failure) {
            var pool = ByteBufferPool(bufferBytes: 16, keptMax: 2)
            pool.give(ByteBuffer(capacity: 17))
        }
    }
}
