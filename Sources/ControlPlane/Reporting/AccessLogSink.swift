internal import Kernel

/// Where the lines of the access log go.
public enum AccessLogDestination: Sendable, Equatable {
    case standardOutput
    /// A file, made with mode 0640 when there is none, and opened again on request.
    case file(path: String)
}

/// The open destination of the access log, and what is known of its health.
struct AccessLogSink: ~Copyable {
    /// Longest time in one wait for room, so that a stop is noticed.
    private static let waitMilliseconds = 100

    private let destination: AccessLogDestination
    private var descriptor: LogDescriptor
    // The last line was cut by a failure; the next one must not continue it.
    private var endsInsideLine = false

    /// What became of a run of lines.
    struct Delivery {
        /// Lines that did not get out, or not whole.
        var linesLost = 0
        /// Why, when the sink said so; `nil` when time ran out.
        var error: SystemError?
    }

    init(_ destination: AccessLogDestination) throws(SystemError) {
        self.destination = destination
        descriptor = try Self.open(destination)
    }

    private static func open(_ destination: AccessLogDestination) throws(SystemError) -> LogDescriptor {
        switch destination {
        case .standardOutput: try .standardOutput()
        case .file(let path): try .file(path: path)
        }
    }

    /// Opens a file anew under its name; after a failure the old one stays in use.
    mutating func reopen() throws(SystemError) {
        guard case .file = destination else { return }
        descriptor = try Self.open(destination)
        endsInsideLine = false
    }

    /// Writes whole lines, waiting for room until `hasTime` says no.
    mutating func write(_ chunk: borrowing ByteBuffer, while hasTime: () -> Bool) -> Delivery {
        let lines = chunk.readable
        var written = 0
        while written < lines.count {
            // A cut line is ended first, so that a reader loses that line and not the next one with it.
            let lineFeed: [UInt8] = [0x0A]
            let outcome =
                endsInsideLine && written == 0
                ? descriptor.write(lineFeed.span) : descriptor.write(lines.extracting(written..<lines.count))
            switch outcome {
            case .wrote(let count):
                descriptor.settle(count)
                if endsInsideLine && written == 0 {
                    endsInsideLine = false
                } else {
                    written += count
                }
            case .wouldBlock:
                guard hasTime() else { return stopped(lines, at: written, error: nil) }
                _ = descriptor.wait(timeoutMilliseconds: Self.waitMilliseconds)
            case .failed(let error):
                return stopped(lines, at: written, error: error)
            }
        }
        return Delivery()
    }

    private mutating func stopped(_ lines: Span<UInt8>, at written: Int, error: SystemError?) -> Delivery {
        if written > 0 { endsInsideLine = lines[written - 1] != 0x0A }
        return Delivery(linesLost: Self.lineCount(lines.extracting(written..<lines.count)), error: error)
    }

    static func lineCount(_ lines: Span<UInt8>) -> Int {
        var count = 0
        for index in lines.indices where lines[index] == 0x0A { count += 1 }
        return count
    }
}
