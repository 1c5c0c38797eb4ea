public import Kernel

/// Writes the fields of limits. What of them never changes is made at reload; writing allocates nothing.
///
/// `q` and `w` of a policy are the limit's count and period in whole seconds (a period that is none is stretched to the
/// next whole second, and the count with it, rounded down). `r` is what could be charged at once, at most the burst.
/// `t` is for a refused request when it may pass, which is what `Retry-After` says, and else when nothing is owed any
/// more. All seconds are rounded up.
public struct LimitFieldWriter: Sendable {
    /// Longer names are cut.
    public static let nameBytesMax = 64
    /// Decimal digits of any figure.
    private static let digitsMax = 20
    private static let nanosecondsPerSecond: UInt64 = 1_000_000_000

    private let fields: LimitField.Choice
    private let resetForm: LimitField.ResetForm
    /// The policies of all labels, one after the other; each begins with the name as a string in quotation marks.
    private var texts: [UInt8] = []
    private var labels: [Label] = []
    private var policyBytesMax = 0

    private struct Label {
        let start: Int
        let nameEnd: Int
        let policyEnd: Int
        let burst: Int
        let perSecond: Int
    }

    /// For limits of these names; a limit's label is its index here.
    public init(
        _ limits: [(name: String, limit: GCRALimit)], fields: LimitField.Choice = [.rateLimit, .retryAfter],
        resetForm: LimitField.ResetForm = .epochSeconds
    ) {
        self.fields = fields
        self.resetForm = resetForm
        for (name, limit) in limits {
            let start = texts.count
            texts += Self.quoted(name)
            let nameEnd = texts.count
            let seconds = Self.wholeSeconds(limit.periodNanoseconds)
            texts += ";q=\(Self.units(of: limit, inSeconds: seconds));w=\(seconds)".utf8
            policyBytesMax = max(policyBytesMax, texts.count - start)
            labels.append(
                Label(
                    start: start, nameEnd: nameEnd, policyEnd: texts.count, burst: limit.burst,
                    perSecond: max(1, Self.units(of: limit, inSeconds: 1))))
        }
    }

    /// No fewer bytes than `append` writes for so many limits.
    public func bytesMax(reports: Int) -> Int {
        // Policies and standings: the name and figures of each, its separator and `;r=`, `;t=`; every other field is a
        // number.
        let lists = reports * (2 * policyBytesMax + 2 * Self.digitsMax + 10)
        return lists + LimitField.allCases.reduce(0) { $0 + $1.name.utf8CodeUnitCount + 4 + Self.digitsMax }
    }

    /// Appends field lines, each with its line end, for the decisions on one request; nothing if there are none. The
    /// buffer has `bytesMax` bytes to write to. `wallMilliseconds`: the time since 1970-01-01T00:00:00Z.
    public func append(_ reports: Span<LimitReport>, wallMilliseconds: Int64, to buffer: inout ByteBuffer) {
        for field in LimitField.allCases where writes(field, reports) {
            buffer.append(field.name)
            buffer.append(": ")
            appendValue(of: field, reports, wallMilliseconds: wallMilliseconds, to: &buffer)
            buffer.append("\r\n")
        }
    }

    /// Whether this field is written for these decisions.
    public func writes(_ field: LimitField, _ reports: Span<LimitReport>) -> Bool {
        guard fields.contains(field), !reports.isEmpty else { return false }
        return field != .retryAfter || Self.retryAfterSeconds(reports) != nil
    }

    /// Appends the value of a field that `writes` said is written.
    public func appendValue(
        of field: LimitField, _ reports: Span<LimitReport>, wallMilliseconds: Int64, to buffer: inout ByteBuffer
    ) {
        let strictest = Self.mostRestrictive(reports)
        let label = labels[strictest.label]
        switch field {
        case .policy: appendPolicies(reports, to: &buffer)
        case .standing: appendStandings(reports, to: &buffer)
        case .quota, .burstCapacity: buffer.appendDecimal(label.burst)
        case .remaining: buffer.appendDecimal(strictest.decision.remaining)
        case .reset: buffer.appendDecimal(reset(strictest, wallMilliseconds))
        case .replenishRate: buffer.appendDecimal(label.perSecond)
        case .requestedTokens: buffer.appendDecimal(strictest.cost)
        case .retryAfter: buffer.appendDecimal(Self.retryAfterSeconds(reports) ?? 1)
        }
    }

    /// When a refused request may pass all of the limits, in whole seconds, at least 1; `nil` if none refused, or if it
    /// never may.
    public static func retryAfterSeconds(_ reports: Span<LimitReport>) -> Int? {
        var longest: UInt64?
        for index in reports.indices where reports[index].decision.verdict == .refused {
            longest = max(longest ?? 0, reports[index].decision.retryNanoseconds)
        }
        guard let longest, longest != LimitDecision.never else { return nil }
        return max(1, wholeSeconds(longest))
    }

    private func appendPolicies(_ reports: Span<LimitReport>, to buffer: inout ByteBuffer) {
        for index in reports.indices {
            if index > 0 { buffer.append(", ") }
            let label = labels[reports[index].label]
            buffer.append(texts.span.extracting(label.start..<label.policyEnd))
        }
    }

    private func appendStandings(_ reports: Span<LimitReport>, to buffer: inout ByteBuffer) {
        for index in reports.indices {
            if index > 0 { buffer.append(", ") }
            let report = reports[index]
            let label = labels[report.label]
            buffer.append(texts.span.extracting(label.start..<label.nameEnd))
            buffer.append(";r=")
            buffer.appendDecimal(report.decision.remaining)
            buffer.append(";t=")
            buffer.appendDecimal(Self.wholeSeconds(report.nanosecondsToMore))
        }
    }

    private func reset(_ report: LimitReport, _ wallMilliseconds: Int64) -> Int {
        let wait = report.nanosecondsToMore
        guard resetForm == .epochSeconds else { return Self.wholeSeconds(wait) }
        let milliseconds = UInt64(clamping: wallMilliseconds)
        let parts = milliseconds % 1_000 * 1_000_000 + wait % Self.nanosecondsPerSecond
        return Int(milliseconds / 1_000) + Int(wait / Self.nanosecondsPerSecond) + Self.wholeSeconds(parts)
    }

    /// The report whose figures the fields for a single limit tell; there is at least one.
    private static func mostRestrictive(_ reports: Span<LimitReport>) -> LimitReport {
        var found = reports[0]
        for index in reports.indices where reports[index].restrictsMore(than: found) { found = reports[index] }
        return found
    }

    private static func wholeSeconds(_ nanoseconds: UInt64) -> Int {
        Int(nanoseconds / nanosecondsPerSecond) + (nanoseconds % nanosecondsPerSecond > 0 ? 1 : 0)
    }

    private static func units(of limit: GCRALimit, inSeconds seconds: Int) -> Int {
        // At most 1,000,000 in a second, and 366 days have fewer than 2^25 seconds.
        let units = (UInt64(seconds) * nanosecondsPerSecond).multipliedFullWidth(by: UInt64(limit.count))
        return Int(limit.periodNanoseconds.dividingFullWidth(units).quotient)
    }

    /// As a string of structured fields (RFC 9651 §3.3.3): what it cannot hold becomes `_`.
    private static func quoted(_ name: String) -> [UInt8] {
        var text: [UInt8] = [0x22]
        for byte in name.utf8.prefix(nameBytesMax) {
            if byte == 0x22 || byte == 0x5C { text.append(0x5C) }
            text.append(byte >= 0x20 && byte < 0x7F ? byte : 0x5F)
        }
        return text + [0x22]
    }
}
