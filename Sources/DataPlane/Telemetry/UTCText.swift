public import Kernel

/// Writes moments as RFC 3339 text in UTC with milliseconds, such as `2025-11-23T09:08:07.065Z`.
///
/// The text of the last second is kept: most moments fall into it, and then cost a copy and three digits.
public struct UTCText: ~Copyable {
    /// Length of every moment's text, for years 0...9999.
    public static let byteCount = 24

    // The second since 1970 that `text` shows.
    private var second = Int64.min
    private var text = ByteBuffer(capacity: 20)

    /// Nothing is formatted yet.
    public init() {}

    /// Appends the moment, milliseconds since 1970; moments outside the years 0...9999 are moved to their ends.
    public mutating func append(milliseconds: Int64, into target: inout ByteBuffer) {
        // -62167219200 is the first second of the year 0, 253402300799 the last of the year 9999.
        let moment = min(max(milliseconds, -62_167_219_200_000), 253_402_300_799_999)
        var (nowSecond, rest) = moment.quotientAndRemainder(dividingBy: 1_000)
        if rest < 0 {
            nowSecond -= 1
            rest += 1_000
        }
        if nowSecond != second { format(nowSecond) }
        target.append(text)
        target.append(0x2E)
        target.appendDecimal(Int(rest), width: 3)
        target.append(0x5A)
    }

    private mutating func format(_ second: Int64) {
        self.second = second
        var (days, seconds) = second.quotientAndRemainder(dividingBy: 86_400)
        if seconds < 0 {
            days -= 1
            seconds += 86_400
        }
        let date = CivilDate(daysSince1970: days)
        text.clear()
        text.appendDecimal(date.year, width: 4)
        text.append(0x2D)
        text.appendDecimal(date.month, width: 2)
        text.append(0x2D)
        text.appendDecimal(date.day, width: 2)
        text.append(0x54)
        text.appendDecimal(Int(seconds / 3_600), width: 2)
        text.append(0x3A)
        text.appendDecimal(Int(seconds / 60 % 60), width: 2)
        text.append(0x3A)
        text.appendDecimal(Int(seconds % 60), width: 2)
    }
}
