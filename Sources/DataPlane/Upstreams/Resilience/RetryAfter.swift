/// The Retry-After field (RFC 9110 §10.2.3).
public enum RetryAfter {
    /// Longer waits are cut to this: a year.
    public static let millisecondsMax = 31_536_000_000

    /// How long to wait from now, 0...`millisecondsMax`; 0 for a date that has passed, `nil` for what is neither a number of seconds
    /// nor a date. `wallMilliseconds`: the time since 1970-01-01T00:00:00Z.
    public static func milliseconds(_ value: Span<UInt8>, wallMilliseconds: Int64) -> Int? {
        let text = trimmed(value)
        guard !text.isEmpty else { return nil }
        if text[0] >= 0x30, text[0] <= 0x39 { return secondsWait(text) }
        guard let date = HTTPDate.seconds(text, wallMilliseconds: wallMilliseconds) else { return nil }
        let wait = date * 1_000 - wallMilliseconds
        return Int(min(max(0, wait), Int64(millisecondsMax)))
    }

    private static func secondsWait(_ text: Span<UInt8>) -> Int? {
        var seconds = 0
        for index in text.indices {
            let byte = text[index]
            guard byte >= 0x30, byte <= 0x39 else { return nil }
            // Any number of digits is a valid wait (RFC 9110 §5.6.7 knows no limit); the sum stays at the longest there is.
            seconds = min(millisecondsMax / 1_000, seconds * 10 + Int(byte - 0x30))
        }
        return seconds * 1_000
    }

    @_lifetime(copy value)
    private static func trimmed(_ value: Span<UInt8>) -> Span<UInt8> {
        var start = 0
        var end = value.count
        while start < end, value[start] == 0x20 || value[start] == 0x09 { start += 1 }
        while end > start, value[end - 1] == 0x20 || value[end - 1] == 0x09 { end -= 1 }
        return value.extracting(start..<end)
    }
}
