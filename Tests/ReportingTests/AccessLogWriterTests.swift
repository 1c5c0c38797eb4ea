import Foundation
import Kernel
import Logging
import Reporting
import Telemetry
import Testing

@Suite struct AccessLogWriterTests {
    private let folder: TemporaryFolder
    private let registry = MetricsRegistry(shards: 2)
    private let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    init() throws {
        folder = try TemporaryFolder()
    }

    private func start(_ path: String, logger: Logger? = nil) throws -> AccessLogWriter {
        try AccessLogWriter.start(
            destination: .file(path: path), shards: 2, metrics: registry.reporting, logger: logger ?? quiet)
    }

    private func channel(_ writer: AccessLogWriter, shard: Int = 0) -> AccessLogChannel {
        AccessLogChannel(queue: writer.queue(shard: shard), metrics: registry.shard(shard))
    }

    @Test func `lines of all shards are in the file, each shard's in order`() throws {
        let path = folder.file("access.log")
        let writer = try start(path)
        let first = channel(writer, shard: 0)
        let second = channel(writer, shard: 1)
        for number in 0..<200 {
            append(number, to: first)
            append(1_000 + number, to: second)
        }
        first.flush()
        second.flush()
        #expect(writer.stop(withinMilliseconds: 5_000) == .ended)
        let written = try numbers(contents(path))
        #expect(written.filter { $0 < 1_000 } == Array(0..<200))
        #expect(written.filter { $0 >= 1_000 } == Array(1_000..<1_200))
        #expect(dropped(registry) == 0)
    }

    @Test func `the file is made with mode 0640 and appended to`() throws {
        let path = folder.file("access.log")
        for number in 0..<2 {
            let writer = try start(path)
            let channel = channel(writer)
            append(number, to: channel)
            channel.flush()
            #expect(writer.stop(withinMilliseconds: 5_000) == .ended)
        }
        #expect(try numbers(contents(path)) == [0, 1])
        let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
        #expect(try #require(mode) & ~0o640 == 0)
    }

    @Test func `a destination that cannot be opened is an error at the start`() {
        #expect(throws: SystemError.self) { try start(folder.file("missing/access.log")) }
    }

    @Test func `after a rotation lines go to a new file`() throws {
        let path = folder.file("access.log")
        let writer = try start(path)
        let channel = channel(writer)
        append(1, to: channel)
        channel.flush()
        #expect(eventually { contents(path).hasSuffix("\n") })
        try FileManager.default.moveItem(atPath: path, toPath: folder.file("access.log.1"))
        writer.reopen()
        #expect(eventually { FileManager.default.fileExists(atPath: path) })
        append(2, to: channel)
        channel.flush()
        #expect(writer.stop(withinMilliseconds: 5_000) == .ended)
        #expect(try numbers(contents(folder.file("access.log.1"))) == [1])
        #expect(try numbers(contents(path)) == [2])
    }

    @Test func `when the new file cannot be opened the old one stays in use`() throws {
        let inner = folder.file("logs")
        try FileManager.default.createDirectory(atPath: inner, withIntermediateDirectories: true)
        let recording = Recording()
        let writer = try start(inner + "/access.log", logger: recording.logger())
        try FileManager.default.moveItem(atPath: inner, toPath: folder.file("moved"))
        writer.reopen()
        #expect(eventually { recording.messages.contains { $0.contains("old file stays") } })
        let channel = channel(writer)
        append(7, to: channel)
        channel.flush()
        #expect(writer.stop(withinMilliseconds: 5_000) == .ended)
        #expect(try numbers(contents(folder.file("moved/access.log"))) == [7])
    }

    @Test func `a pipe nobody reads costs lines, which are counted, and neither the shard nor the stop waits for it`()
        throws
    {
        let path = folder.file("pipe")
        #expect(mkfifo(path, 0o600) == 0)
        let reader = open(path, O_RDONLY | O_NONBLOCK)
        #expect(reader >= 0)
        let writer = try start(path)
        let channel = channel(writer)
        // Far more than the pipe and all chunks hold.
        let total = 4_000
        for number in 0..<total { append(number, to: channel, padding: 500) }
        channel.flush()
        #expect(dropped(registry) > 0)
        #expect(writer.stop(withinMilliseconds: 20) == .ended)
        let log = readAll(reader)
        close(reader)
        // Whatever was cut at the end is one line; everything else came out whole and in order.
        let whole = try numbers(String(log[..<(log.lastIndex(of: "\n") ?? log.startIndex)]))
        #expect(whole == whole.sorted())
        #expect(whole.count + dropped(registry) == total)
    }

    @Test func `a sink that goes away and comes back costs only the lines in between`() throws {
        let path = folder.file("pipe")
        #expect(mkfifo(path, 0o600) == 0)
        var reader = open(path, O_RDONLY | O_NONBLOCK)
        let recording = Recording()
        let writer = try start(path, logger: recording.logger())
        let channel = channel(writer)
        close(reader)
        append(1, to: channel)
        channel.flush()
        #expect(eventually { dropped(registry) == 1 })
        reader = open(path, O_RDONLY | O_NONBLOCK)
        append(2, to: channel)
        channel.flush()
        #expect(writer.stop(withinMilliseconds: 5_000) == .ended)
        #expect(try numbers(readAll(reader)) == [2])
        close(reader)
        #expect(
            recording.messages == ["cannot write the access log", "the access log is written again"])
    }

    @Test func `a full disk costs lines, which are counted`() throws {
        let writer = try start("/dev/full")
        let channel = channel(writer)
        for number in 0..<10 { append(number, to: channel) }
        channel.flush()
        #expect(writer.stop(withinMilliseconds: 5_000) == .ended)
        #expect(dropped(registry) == 10)
    }

    /// What a pipe holds now.
    private func readAll(_ descriptor: Int32) -> String {
        var all: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = read(descriptor, &piece, piece.count)
            guard count > 0 else { return String(decoding: all, as: UTF8.self) }
            all += piece[..<count]
        }
    }
}
