internal import Kernel

/// The value of the `Date` field (RFC 9110 §5.6.7), formatted at most once a second.
struct DateText: ~Copyable {
    private var second: Int64 = -1
    private(set) var text = ByteBuffer(capacity: 32)

    private static let dayNames: StaticString = "SunMonTueWedThuFriSat"
    private static let monthNames: StaticString = "JanFebMarAprMayJunJulAugSepOctNovDec"

    /// Makes `text` tell this time.
    mutating func update(wallMilliseconds: Int64) {
        let now = wallMilliseconds / 1_000
        guard now != second else { return }
        second = now
        let days = Int(now / 86_400)
        let rest = Int(now % 86_400)
        let (year, month, day) = Self.civil(days)
        text.clear()
        append(Self.dayNames, at: (days + 4) % 7)
        text.append(", ")
        text.appendDecimal(day, width: 2)
        text.append(" ")
        append(Self.monthNames, at: month - 1)
        text.append(" ")
        text.appendDecimal(year, width: 4)
        text.append(" ")
        text.appendDecimal(rest / 3_600, width: 2)
        text.append(":")
        text.appendDecimal(rest / 60 % 60, width: 2)
        text.append(":")
        text.appendDecimal(rest % 60, width: 2)
        text.append(" GMT")
    }

    private mutating func append(_ names: StaticString, at index: Int) {
        names.withSpan { text.append($0.extracting((3 * index)..<(3 * index + 3))) }
    }

    /// Year, month and day of a number of days since 1970-01-01, counted in eras of 400 years that begin in March.
    private static func civil(_ days: Int) -> (year: Int, month: Int, day: Int) {
        let shifted = days + 719_468
        let era = shifted / 146_097
        let ofEra = shifted - era * 146_097
        let yearOfEra = (ofEra - ofEra / 1_460 + ofEra / 36_524 - ofEra / 146_096) / 365
        let ofYear = ofEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * ofYear + 2) / 153
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, ofYear - (153 * shiftedMonth + 2) / 5 + 1)
    }
}
