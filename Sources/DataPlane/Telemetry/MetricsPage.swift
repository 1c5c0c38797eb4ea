internal import Kernel

/// Writes the lines of the Prometheus text format (version 0.0.4) into one array.
struct MetricsPage {
    private(set) var bytes: [UInt8] = []

    /// The types we have.
    enum Kind {
        case counter, gauge, histogram

        var word: StaticString {
            switch self {
            case .counter: "counter"
            case .gauge: "gauge"
            case .histogram: "histogram"
            }
        }
    }

    init(reserving bytesExpected: Int) {
        bytes.reserveCapacity(bytesExpected)
    }

    /// `name="value"`, with backslash, quote and line feed escaped.
    static func label(_ name: StaticString, value: String) -> [UInt8] {
        var label: [UInt8] = []
        name.withSpan { text in for index in text.indices { label.append(text[index]) } }
        label.append(contentsOf: [0x3D, 0x22])
        for byte in value.utf8 {
            switch byte {
            case 0x5C: label.append(contentsOf: [0x5C, 0x5C])
            case 0x22: label.append(contentsOf: [0x5C, 0x22])
            case 0x0A: label.append(contentsOf: [0x5C, 0x6E])
            default: label.append(byte)
            }
        }
        label.append(0x22)
        return label
    }

    /// The `HELP` and `TYPE` lines that start a family.
    mutating func family(_ name: StaticString, _ kind: Kind, _ help: StaticString) {
        append("# HELP ")
        append(name)
        append(" ")
        append(help)
        append("\n# TYPE ")
        append(name)
        append(" ")
        append(kind.word)
        append("\n")
    }

    /// A sample without labels.
    mutating func sample(_ name: StaticString, _ value: UInt64) {
        append(name)
        append(" ")
        append(decimal: value)
        append("\n")
    }

    /// A sample with one label, already written as `name="value"`.
    mutating func sample(_ name: StaticString, _ label: [UInt8], _ value: UInt64) {
        append(name)
        append("{")
        bytes.append(contentsOf: label)
        append("} ")
        append(decimal: value)
        append("\n")
    }

    /// A sample with a written label and one whose name and value are ours.
    mutating func sample(
        _ name: StaticString, _ label: [UInt8], _ second: StaticString, _ secondValue: StaticString, _ value: UInt64
    ) {
        append(name)
        append("{")
        bytes.append(contentsOf: label)
        append(",")
        append(second)
        append("=\"")
        append(secondValue)
        append("\"} ")
        append(decimal: value)
        append("\n")
    }

    mutating func append(_ text: [UInt8]) {
        bytes.append(contentsOf: text)
    }

    mutating func append(_ text: StaticString) {
        text.withSpan { span in for index in span.indices { bytes.append(span[index]) } }
    }

    mutating func append(decimal value: UInt64) {
        var divisor: UInt64 = 1
        while value / divisor >= 10 { divisor *= 10 }
        var rest = value
        while divisor > 0 {
            bytes.append(UInt8(truncatingIfNeeded: 48 + rest / divisor))
            rest %= divisor
            divisor /= 10
        }
    }

    /// A number of `1 / parts` units as a decimal fraction without trailing zeros; `parts` is a power of ten.
    mutating func append(_ value: UInt64, dividedBy parts: UInt64) {
        append(decimal: value / parts)
        var rest = value % parts
        guard rest > 0 else { return }
        append(".")
        var place = parts / 10
        while rest > 0 {
            bytes.append(UInt8(truncatingIfNeeded: 48 + rest / place))
            rest %= place
            place /= 10
        }
    }
}
