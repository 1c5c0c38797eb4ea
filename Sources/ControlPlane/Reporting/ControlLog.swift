internal import Kernel
public import Logging

/// The log of the control plane, for people: one line per record on standard error.
///
/// A line is the time, the level, the message and the metadata as `key=value`, in the order of the keys. Control
/// characters are escaped, so no text from outside can start a line of its own or drive the terminal.
public struct ControlLog: LogHandler {
    public var logLevel: Logger.Level
    public var metadata: Logger.Metadata = [:]
    public var metadataProvider: Logger.MetadataProvider?
    private let sink: ControlLogSink

    /// A handler that writes to `sink`; all handlers of the process share one.
    public init(sink: ControlLogSink, level: Logger.Level = .info) {
        self.sink = sink
        logLevel = level
    }

    public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    public func log(event: LogEvent) {
        var merged = metadata
        if let provided = metadataProvider?.get() { merged.merge(provided) { _, new in new } }
        if let own = event.metadata { merged.merge(own) { _, new in new } }
        if let error = event.error { merged["error"] = merged["error"] ?? "\(error)" }
        var text = Self.word(event.level)
        text += " "
        text += Self.escaped(event.message.description)
        for (key, value) in merged.sorted(by: { $0.key < $1.key }) {
            text += " \(Self.escaped(key))=\(Self.value(value.description))"
        }
        sink.write(text)
    }

    /// The level, padded so that messages start in one column.
    private static func word(_ level: Logger.Level) -> String {
        let name = level.rawValue
        return name + String(repeating: " ", count: max(0, 8 - name.utf8.count))
    }

    /// A value stands in quotes when it would otherwise not end where a reader expects.
    private static func value(_ text: String) -> String {
        let needsQuotes = text.isEmpty || text.utf8.contains { $0 <= 0x20 || $0 == 0x22 || $0 == 0x3D }
        guard needsQuotes else { return escaped(text) }
        var quoted = "\""
        for character in escaped(text) {
            if character == "\"" { quoted.append("\\") }
            quoted.append(character)
        }
        return quoted + "\""
    }

    /// The text with its control characters, line separators and direction overrides written as `\u{…}`.
    static func escaped(_ text: String) -> String {
        var result = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            switch scalar.value {
            case 0x0A: result.append(contentsOf: "\\n".unicodeScalars)
            case 0x00...0x1F, 0x7F...0x9F, 0x2028...0x202E, 0x2066...0x2069:
                result.append(contentsOf: "\\u{\(String(scalar.value, radix: 16))}".unicodeScalars)
            default: result.append(scalar)
            }
        }
        return String(result)
    }
}
