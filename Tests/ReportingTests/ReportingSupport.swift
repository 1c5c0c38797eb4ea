import Foundation
import Kernel
import Logging
import Reporting
import Telemetry

/// A folder that goes away with the value.
final class TemporaryFolder {
    let path: String

    init() throws {
        path = NSTemporaryDirectory() + "martlet-reporting-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func file(_ name: String) -> String { path + "/" + name }
}

/// The text of a file, or an empty one when there is none.
func contents(_ path: String) -> String {
    FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) } ?? ""
}

/// Waits until a condition holds, for at most ten seconds; tells whether it does.
func eventually(_ condition: () -> Bool) -> Bool {
    let deadline = SystemClock.monotonicNanoseconds() + 10_000_000_000
    while !condition() {
        if SystemClock.monotonicNanoseconds() > deadline { return false }
        sched_yield()
    }
    return true
}

/// Lines lost so far, as the metrics show it.
func dropped(_ registry: MetricsRegistry) -> Int {
    let figures = ProcessFigures(
        processorNanoseconds: 0, residentBytes: 0, openDescriptors: 0, descriptorsMax: 0, startMilliseconds: 0)
    let head = "martlet_access_log_dropped_total "
    return String(decoding: PrometheusText.render(registry, process: figures, version: ""), as: UTF8.self)
        .split(separator: "\n").first { $0.hasPrefix(head) }
        .flatMap { Int($0.dropFirst(head.count)) } ?? -1
}

/// Puts a line `n` into the log through a shard's channel, as an exchange would.
func append(_ number: Int, to channel: AccessLogChannel, padding: Int = 0) {
    var prefix = ByteBuffer(capacity: 64 + padding)
    prefix.append(#"{"number":"#)
    prefix.appendDecimal(number)
    if padding > 0 {
        prefix.append(#","padding":""#)
        for _ in 0..<padding { prefix.append(0x78) }
        prefix.append(0x22)
    }
    let none: [UInt8] = []
    channel.append(
        prefix: prefix, route: none.span, upstream: none.span, endpoint: none.span,
        outcome: AccessOutcome(status: 200, durationNanoseconds: 1))
}

/// The numbers of the lines of a log; each line must be valid JSON.
func numbers(_ log: String) throws -> [Int] {
    try log.split(separator: "\n").map { line in
        let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
        return object?["number"] as? Int ?? -1
    }
}

/// What was logged.
final class Recording: Sendable {
    private let recorded = Guarded<[String]>([])

    var messages: [String] { recorded.withLock { $0 } }

    func logger() -> Logger {
        Logger(label: "test") { _ in RecordingHandler(recording: self) }
    }

    fileprivate func record(_ message: String) { recorded.withLock { $0.append(message) } }
}

private struct RecordingHandler: LogHandler {
    let recording: Recording
    var logLevel = Logger.Level.trace
    var metadata: Logger.Metadata = [:]

    func log(event: LogEvent) { recording.record(event.message.description) }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }
}
