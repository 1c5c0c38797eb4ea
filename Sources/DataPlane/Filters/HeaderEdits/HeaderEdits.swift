public import HTTPModel
public import Kernel

/// `set-…-header` and `remove-…-header` of one direction, compiled: of several edits of a name the last one counts.
public struct HeaderEdits: Sendable {
    private struct Edit {
        /// Lower case, for comparison.
        var name: [UInt8]
        var known: KnownField
        /// `Name: value` and CRLF; empty when the field is only removed.
        var line: [UInt8]
    }

    private var edits: [Edit] = []
    /// A bit for each known field among the edits.
    private var governed: UInt64 = 0
    /// Octets that the edits may add to a head.
    public private(set) var bytesMax = 0

    /// No edits.
    public init() {}

    /// True when there is nothing to do.
    public var isEmpty: Bool { edits.isEmpty }

    /// Replaces all lines of the name by one.
    public mutating func set(_ name: String, to value: String) {
        add(name, line: Array("\(name): \(value)\r\n".utf8))
    }

    /// Removes all lines of the name.
    public mutating func remove(_ name: String) {
        add(name, line: [])
    }

    private mutating func add(_ name: String, line: [UInt8]) {
        let lower = Array(name.lowercased().utf8)
        edits.removeAll { $0.name == lower }
        edits.append(Edit(name: lower, known: KnownField(lower.span), line: line))
        bytesMax = edits.reduce(0) { $0 + $1.line.count }
        governed = edits.reduce(0) { $0 | Self.bit($1.known) }
    }

    /// True when a received field line is to be left out.
    public func drops(_ entry: FieldEntry, in head: Span<UInt8>) -> Bool {
        for index in edits.indices {
            if edits[index].known != entry.known { continue }
            if entry.known != .other { return true }
            let name = edits[index].name
            if ByteSearch.equalIgnoringCase(head.extracting(entry.name.indices), name.span) { return true }
        }
        return false
    }

    /// True when the edits decide over a field that the gateway writes itself.
    public func govern(_ field: KnownField) -> Bool {
        governed & Self.bit(field) != 0
    }

    private static func bit(_ field: KnownField) -> UInt64 { 1 << UInt64(field.rawValue) }

    /// Appends the lines that are set.
    public func write(into head: inout ByteBuffer) {
        for index in edits.indices { head.append(edits[index].line) }
    }
}
