import Foundation
import Kernel
import Logging
import Reporting
import Testing

@Suite struct ControlLogTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    /// What a few records look like in the log.
    private func logged(_ body: (inout Logger) -> Void) throws -> String {
        let path = folder.file("control.log")
        let sink = ControlLogSink(try .file(path: path), wallMilliseconds: { 1_763_888_887_065 })
        var logger = Logger(label: "martlet") { _ in ControlLog(sink: sink) }
        body(&logger)
        return contents(path)
    }

    @Test func `a record is one line with its metadata in the order of the keys`() throws {
        let text = try logged { logger in
            logger[metadataKey: "zone"] = "a"
            logger.warning("reload refused", metadata: ["problems": "3", "file": "my routes.yaml"])
        }
        #expect(
            text == "2025-11-23T09:08:07.065Z warning  reload refused file=\"my routes.yaml\" problems=3 zone=a\n")
    }

    @Test func `a record's own metadata wins and a level below the limit is not written`() throws {
        let text = try logged { logger in
            logger[metadataKey: "key"] = "old"
            logger.debug("unseen")
            logger.info("seen", metadata: ["key": "new", "empty": ""])
        }
        #expect(text == "2025-11-23T09:08:07.065Z info     seen empty=\"\" key=new\n")
    }

    @Test func `text from outside can neither start a line nor drive a terminal`() throws {
        let text = try logged { logger in
            logger.error("a\nb\u{1b}[2J\u{7f}\u{85}\u{202e}", metadata: ["k\n": "v\r\n\"q\""])
        }
        #expect(
            text
                == "2025-11-23T09:08:07.065Z error    a\\nb\\u{1b}[2J\\u{7f}\\u{85}\\u{202e} k\\n=\"v\\u{d}\\n\\\"q\\\"\"\n"
        )
    }
}
