/// Checks the lines of `tracestate` (W3C Trace Context §3.3): together at most 32 members and 512 bytes with the commas
/// between the lines. Duplicate keys stay as they are. One fault drops all of it.
struct TraceStateReader {
    static let membersMax = 32
    static let bytesMax = 512
    private static let keyBytesMax = 256
    private static let valueBytesMax = 256

    private var members = 0
    private var bytes = 0

    /// Nothing is read yet.
    init() {}

    /// Checks a line, in the order received; the problem, or `nil`.
    mutating func check(_ line: Span<UInt8>) -> TraceProblem? {
        bytes += line.count + (bytes > 0 ? 1 : 0)
        guard bytes <= Self.bytesMax else { return .tracestateTooLong }
        var start = 0
        for index in 0...line.count where index == line.count || line[index] == 0x2C {
            if let problem = checkMember(line, start, index) { return problem }
            start = index + 1
        }
        return nil
    }

    /// A member with white space around it; an empty one counts for nothing.
    private mutating func checkMember(_ line: Span<UInt8>, _ first: Int, _ last: Int) -> TraceProblem? {
        var (start, end) = (first, last)
        while start < end && Self.isWhiteSpace(line[start]) { start += 1 }
        while end > start && Self.isWhiteSpace(line[end - 1]) { end -= 1 }
        guard start < end else { return nil }
        members += 1
        guard members <= Self.membersMax else { return .tracestateTooLong }
        var equals = start
        while equals < end && line[equals] != 0x3D { equals += 1 }
        guard equals < end, Self.isKey(line, start, equals), Self.isValue(line, equals + 1, end) else {
            return .tracestate
        }
        return nil
    }

    private static func isKey(_ line: Span<UInt8>, _ start: Int, _ end: Int) -> Bool {
        guard end > start, end - start <= keyBytesMax, isLetterOrDigit(line[start]) else { return false }
        for index in start..<end where !isLetterOrDigit(line[index]) {
            switch line[index] {
            case 0x5F, 0x2D, 0x2A, 0x2F, 0x40: continue
            default: return false
            }
        }
        return true
    }

    private static func isValue(_ line: Span<UInt8>, _ start: Int, _ end: Int) -> Bool {
        guard end > start, end - start <= valueBytesMax else { return false }
        for index in start..<end {
            let byte = line[index]
            guard byte >= 0x20, byte <= 0x7E, byte != 0x3D else { return false }
        }
        return true
    }

    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        (0x61...0x7A).contains(byte) || (0x30...0x39).contains(byte)
    }

    private static func isWhiteSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }
}
