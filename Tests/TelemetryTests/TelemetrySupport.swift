import Kernel
import Telemetry

/// The bytes that wait in a buffer.
func bytes(_ buffer: borrowing ByteBuffer) -> [UInt8] {
    var copy: [UInt8] = []
    let readable = buffer.readable
    for index in readable.indices { copy.append(readable[index]) }
    return copy
}

/// The bytes that wait in a buffer, as text.
func text(_ buffer: borrowing ByteBuffer) -> String { String(decoding: bytes(buffer), as: UTF8.self) }

/// Takes all chunks that wait in a queue and returns their text.
func collect(_ queue: ChunkQueue) -> String {
    var all = ""
    while let chunk = queue.next() {
        all += text(chunk.bytes)
        queue.recycle(chunk)
    }
    return all
}

/// Figures that tests of the page do not look at.
let someFigures = ProcessFigures(
    processorNanoseconds: 1_250_000_000, residentBytes: 4_096, openDescriptors: 7, descriptorsMax: 1_024,
    startMilliseconds: 1_700_000_000_120)

/// The page of a registry as lines.
func page(_ registry: MetricsRegistry) -> [String] {
    String(decoding: PrometheusText.render(registry, process: someFigures, version: "1.2.3"), as: UTF8.self)
        .split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
}
