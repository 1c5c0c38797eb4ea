internal import HTTPModel
internal import Kernel

/// Copies received field lines that go out as they came, neighbours together: most of a head is one or two such runs.
struct FieldRun: ~Copyable {
    // The run that waits to be copied; empty when there is none.
    private var start = 0
    private var end = 0

    /// Adds a line. One that was written as we would write it (`Name: value`, CRLF) joins the run; another is written anew.
    mutating func add(_ entry: FieldEntry, in bytes: Span<UInt8>, into out: inout ByteBuffer) {
        let nameStart = Int(entry.name.start)
        let nameEnd = Int(entry.name.end)
        let valueStart = Int(entry.value.start)
        let valueEnd = Int(entry.value.end)
        // An empty value's range may lie anywhere in the white space of its line.
        let isUsual =
            valueStart == nameEnd &+ 2 && bytes[nameEnd &+ 1] == 0x20 && valueEnd > valueStart
            && bytes[valueEnd] == 0x0D
        guard isUsual else {
            finish(bytes, into: &out)
            out.append(bytes.extracting(nameStart..<nameEnd))
            out.append(": ")
            out.append(bytes.extracting(valueStart..<valueEnd))
            out.append("\r\n")
            return
        }
        if nameStart != end {
            finish(bytes, into: &out)
            start = nameStart
        }
        // The line feed behind the carriage return is part of every parsed line.
        end = valueEnd &+ 2
    }

    /// Copies what waits.
    mutating func finish(_ bytes: Span<UInt8>, into out: inout ByteBuffer) {
        if end > start { out.append(bytes.extracting(start..<end)) }
        start = 0
        end = 0
    }
}
