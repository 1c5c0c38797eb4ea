import Foundation
import YAMLEvents

/// YAML as plain values, by the rules of YAML 1.2 (where `off` is a text), for the tests of the schema.
enum YAMLValue {
    static func read(_ bytes: [UInt8]) throws -> Any {
        var reader = Reader(parser: YAMLParser(bytes))
        _ = try reader.next()
        _ = try reader.next()
        return try reader.value(try reader.next())
    }

    private struct Reader: ~Copyable {
        var parser: YAMLParser
        var text: [UInt8] = []

        mutating func next() throws -> YAMLEvent {
            try parser.next(appendingTextTo: &text)
        }

        mutating func value(_ event: YAMLEvent) throws -> Any {
            switch event.kind {
            case .sequenceStarted:
                var values: [Any] = []
                while true {
                    let event = try next()
                    if event.kind == .sequenceEnded { return values }
                    values.append(try value(event))
                }
            case .mappingStarted:
                var values: [String: Any] = [:]
                while true {
                    let event = try next()
                    if event.kind == .mappingEnded { return values }
                    values[String(decoding: text[event.text], as: UTF8.self)] = try value(try next())
                }
            default:
                let content = String(decoding: text[event.text], as: UTF8.self)
                guard event.isPlain else { return content }
                if content == "true" || content == "false" { return content == "true" }
                return Int(content) ?? content
            }
        }
    }
}
