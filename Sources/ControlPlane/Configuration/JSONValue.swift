/// A JSON text in the making. Objects keep the order of their members, so that the same input gives the same text.
indirect enum JSONValue: Sendable, Equatable {
    case null
    case boolean(Bool)
    case integer(Int)
    /// A number with a fraction, as its digits.
    case decimal(String)
    case string(String)
    case array([JSONValue])
    case object([Member])

    struct Member: Sendable, Equatable {
        var name: String
        var value: JSONValue

        init(_ name: String, _ value: JSONValue) {
            self.name = name
            self.value = value
        }
    }

    /// On one line.
    func text() -> String {
        var result = ""
        write(to: &result, indent: nil)
        return result
    }

    /// Over several lines, indented by two spaces, with a line break at the end.
    func prettyText() -> String {
        var result = ""
        write(to: &result, indent: 0)
        return result + "\n"
    }

    private func write(to result: inout String, indent: Int?) {
        switch self {
        case .null: result += "null"
        case .boolean(let value): result += value ? "true" : "false"
        case .integer(let value): result += String(value)
        case .decimal(let digits): result += digits
        case .string(let value): Self.write(value, to: &result)
        case .array(let values):
            Self.write(values, between: ("[", "]"), to: &result, indent: indent) { value, result, indent in
                value.write(to: &result, indent: indent)
            }
        case .object(let members):
            Self.write(members, between: ("{", "}"), to: &result, indent: indent) { member, result, indent in
                Self.write(member.name, to: &result)
                result += indent == nil ? ":" : ": "
                member.value.write(to: &result, indent: indent)
            }
        }
    }

    private static func write<Element>(
        _ elements: [Element], between ends: (String, String), to result: inout String, indent: Int?,
        element: (Element, inout String, Int?) -> Void
    ) {
        result += ends.0
        for (index, value) in elements.enumerated() {
            if index > 0 { result += "," }
            if let indent { result += "\n" + String(repeating: "  ", count: indent + 1) }
            element(value, &result, indent.map { $0 + 1 })
        }
        if let indent, !elements.isEmpty { result += "\n" + String(repeating: "  ", count: indent) }
        result += ends.1
    }

    private static func write(_ text: String, to result: inout String) {
        result += "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            case _ where scalar.value < 0x20 || scalar.value == 0x7F:
                let digits = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: result.unicodeScalars.append(scalar)
            }
        }
        result += "\""
    }
}
