internal import Kernel

/// The three forms of an HTTP date (RFC 9110 §5.6.7), read:
///
///     Sun, 06 Nov 1994 08:49:37 GMT      IMF-fixdate
///     Sunday, 06-Nov-94 08:49:37 GMT     RFC 850
///     Sun Nov  6 08:49:37 1994           asctime
///
/// Names are compared with their case, as the grammar has them. The name of the day must be one, but need not be the right one.
enum HTTPDate {
    private static let dayNames: StaticString = "SunMonTueWedThuFriSat"
    private static let monthNames: StaticString = "JanFebMarAprMayJunJulAugSepOctNovDec"
    /// What follows the first three letters of a day's name.
    private static let dayEndings: [StaticString] = ["day", "day", "sday", "nesday", "rsday", "day", "urday"]

    /// Seconds since 1970-01-01T00:00:00Z, negative before; `nil` for anything else. The current time decides which century a year
    /// of two digits belongs to.
    static func seconds(_ text: Span<UInt8>, wallMilliseconds: Int64) -> Int64? {
        guard let day = name(text, at: 0, of: dayNames) else { return nil }
        if text.count == 29 { return fixed(text) }
        if text.count == 24 { return asctime(text) }
        return rfc850(text, day: day, wallMilliseconds: wallMilliseconds)
    }

    private static func fixed(_ text: Span<UInt8>) -> Int64? {
        guard has(text, ", ", at: 3), has(text, " ", at: 7), has(text, " ", at: 11), has(text, " ", at: 16),
            has(text, " GMT", at: 25), let day = number(text, at: 5, digits: 2),
            let month = name(text, at: 8, of: monthNames), let year = number(text, at: 12, digits: 4),
            let time = time(text, at: 17)
        else { return nil }
        return moment(year: year, month: month + 1, day: day, time: time)
    }

    private static func asctime(_ text: Span<UInt8>) -> Int64? {
        guard has(text, " ", at: 3), has(text, " ", at: 7), has(text, " ", at: 10), has(text, " ", at: 19),
            let month = name(text, at: 4, of: monthNames), let time = time(text, at: 11),
            let year = number(text, at: 20, digits: 4)
        else { return nil }
        let padded = has(text, " ", at: 8) ? number(text, at: 9, digits: 1) : number(text, at: 8, digits: 2)
        guard let day = padded else { return nil }
        return moment(year: year, month: month + 1, day: day, time: time)
    }

    private static func rfc850(_ text: Span<UInt8>, day: Int, wallMilliseconds: Int64) -> Int64? {
        let ending = dayEndings[day]
        let start = 3 + ending.utf8CodeUnitCount
        guard text.count == start + 24, has(text, ending, at: 3), has(text, ", ", at: start),
            has(text, "-", at: start + 4), has(text, "-", at: start + 8), has(text, " ", at: start + 11),
            has(text, " GMT", at: start + 20), let dayOfMonth = number(text, at: start + 2, digits: 2),
            let month = name(text, at: start + 5, of: monthNames),
            let shortYear = number(text, at: start + 9, digits: 2), let time = time(text, at: start + 12)
        else { return nil }
        // The latest year with these digits that is not more than 50 years ahead.
        let latest = Int(year(of: wallMilliseconds)) + 50
        let full = latest - (latest % 100 - shortYear + 100) % 100
        return moment(year: full, month: month + 1, day: dayOfMonth, time: time)
    }

    // MARK: - Pieces

    /// hh:mm:ss, the leap second included, in seconds of the day.
    private static func time(_ text: Span<UInt8>, at place: Int) -> Int? {
        guard has(text, ":", at: place + 2), has(text, ":", at: place + 5),
            let hour = number(text, at: place, digits: 2), let minute = number(text, at: place + 3, digits: 2),
            let second = number(text, at: place + 6, digits: 2), hour < 24, minute < 60, second <= 60
        else { return nil }
        return hour * 3_600 + minute * 60 + second
    }

    private static func number(_ text: Span<UInt8>, at place: Int, digits: Int) -> Int? {
        guard place + digits <= text.count else { return nil }
        var value = 0
        for index in place..<(place + digits) {
            let byte = text[index]
            guard byte >= 0x30, byte <= 0x39 else { return nil }
            value = value * 10 + Int(byte - 0x30)
        }
        return value
    }

    private static func has(_ text: Span<UInt8>, _ expected: StaticString, at place: Int) -> Bool {
        let count = expected.utf8CodeUnitCount
        guard place + count <= text.count else { return false }
        return expected.withSpan { letters in
            for index in 0..<count where text[place + index] != letters[index] { return false }
            return true
        }
    }

    /// Which of the names of three letters stands here.
    private static func name(_ text: Span<UInt8>, at place: Int, of names: StaticString) -> Int? {
        guard place + 3 <= text.count else { return nil }
        return names.withSpan { letters in
            for index in 0..<(letters.count / 3) {
                let at = 3 * index
                if text[place] == letters[at], text[place + 1] == letters[at + 1], text[place + 2] == letters[at + 2] {
                    return index
                }
            }
            return nil
        }
    }

    // MARK: - Calendar

    private static func moment(year: Int, month: Int, day: Int, time: Int) -> Int64? {
        guard day >= 1, day <= days(in: month, of: year) else { return nil }
        return Int64(daysSince1970(year: year, month: month, day: day) * 86_400 + time)
    }

    private static func days(in month: Int, of year: Int) -> Int {
        switch month {
        case 4, 6, 9, 11: 30
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        default: 31
        }
    }

    /// Whole years since year 0 plus the days of the months before, with a year that begins in March so that the leap day comes last.
    private static func daysSince1970(year: Int, month: Int, day: Int) -> Int {
        // Two eras of 400 years up front keep every division on non-negative numbers.
        let shifted = (month <= 2 ? year - 1 : year) + 800
        let ofYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return shifted * 365 + shifted / 4 - shifted / 100 + shifted / 400 + ofYear - 2 * 146_097 - 719_468
    }

    private static func year(of wallMilliseconds: Int64) -> Int64 {
        // Exact at all but the first and last day of a year, which is as exact as a rule of 50 years needs.
        1970 + Int64(Double(wallMilliseconds) / (365.2425 * 86_400_000))
    }
}
