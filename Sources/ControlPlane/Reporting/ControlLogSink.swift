public import Kernel
internal import Telemetry

/// Where the control plane's log lines go, one write per line.
///
/// Any thread may write. A reader that has stopped holds a writer up for `patienceMilliseconds` at most; then the line
/// is lost.
public final class ControlLogSink: Sendable {
    private static let patienceMilliseconds = 200

    private let state: Guarded<State>
    private let wallMilliseconds: @Sendable () -> Int64

    private struct State: ~Copyable {
        let descriptor: LogDescriptor
        var clock = UTCText()
        var time = ByteBuffer(capacity: UTCText.byteCount)

        init(_ descriptor: consuming LogDescriptor) {
            self.descriptor = descriptor
        }
    }

    /// Takes the descriptor over.
    public init(
        _ descriptor: consuming LogDescriptor,
        wallMilliseconds: @escaping @Sendable () -> Int64 = { SystemClock.wallMilliseconds() }
    ) {
        state = Guarded(State(descriptor))
        self.wallMilliseconds = wallMilliseconds
    }

    /// Standard error.
    public static func standardError() throws(SystemError) -> ControlLogSink {
        ControlLogSink(try .standardError())
    }

    /// Writes the time, the text and a line feed.
    func write(_ text: String) {
        state.withLock { state in
            state.time.clear()
            state.clock.append(milliseconds: wallMilliseconds(), into: &state.time)
            var line: [UInt8] = []
            let time = state.time.readable
            for index in time.indices { line.append(time[index]) }
            line.append(0x20)
            line.append(contentsOf: text.utf8)
            line.append(0x0A)
            Self.write(line.span, to: state.descriptor)
        }
    }

    private static func write(_ line: Span<UInt8>, to descriptor: borrowing LogDescriptor) {
        var written = 0
        while written < line.count {
            switch descriptor.write(line.extracting(written..<line.count)) {
            case .wrote(let count): written += count
            case .wouldBlock:
                guard descriptor.wait(timeoutMilliseconds: patienceMilliseconds) == .ready else { return }
            case .failed: return
            }
        }
    }
}
