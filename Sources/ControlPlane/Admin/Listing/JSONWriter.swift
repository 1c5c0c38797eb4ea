/// Writes JSON texts member by member, in the order given. Commas and escapes are its affair; balance is the closures'.
public struct JSONWriter {
    /// The text so far.
    public private(set) var bytes: [UInt8] = []
    private var needsComma = false

    /// An empty text.
    public init() {}

    /// An object; as a member when there is a name.
    public mutating func object(_ name: String? = nil, _ body: (inout JSONWriter) -> Void) {
        nest(name, 0x7B, 0x7D, body)
    }

    /// An array; as a member when there is a name.
    public mutating func array(_ name: String? = nil, _ body: (inout JSONWriter) -> Void) {
        nest(name, 0x5B, 0x5D, body)
    }

    /// A string, or `null`.
    public mutating func string(_ name: String? = nil, _ value: String?) {
        start(name)
        if let value { quote(value) } else { append("null") }
    }

    /// A number, or `null`.
    public mutating func number(_ name: String? = nil, _ value: Int?) {
        start(name)
        append(value.map(String.init) ?? "null")
    }

    /// `true` or `false`.
    public mutating func boolean(_ name: String? = nil, _ value: Bool) {
        start(name)
        append(value ? "true" : "false")
    }

    /// An array of strings.
    public mutating func strings(_ name: String, _ values: [String]) {
        array(name) { writer in
            for value in values { writer.string(nil, value) }
        }
    }

    private mutating func nest(
        _ name: String?, _ open: UInt8, _ close: UInt8, _ body: (inout JSONWriter) -> Void
    ) {
        start(name)
        bytes.append(open)
        needsComma = false
        body(&self)
        bytes.append(close)
        needsComma = true
    }

    private mutating func start(_ name: String?) {
        if needsComma { bytes.append(0x2C) }
        needsComma = true
        guard let name else { return }
        quote(name)
        bytes.append(0x3A)
    }

    private mutating func append(_ text: String) {
        bytes.append(contentsOf: text.utf8)
    }

    /// RFC 8259 §7; DEL is escaped too, because people read these texts in terminals.
    private mutating func quote(_ text: String) {
        bytes.append(0x22)
        for byte in text.utf8 {
            switch byte {
            case 0x22, 0x5C:
                bytes.append(0x5C)
                bytes.append(byte)
            case 0x0A: append("\\n")
            case 0..<0x20, 0x7F:
                append("\\u00")
                append(byte < 0x10 ? "0" : "")
                append(String(byte, radix: 16))
            default: bytes.append(byte)
            }
        }
        bytes.append(0x22)
    }
}
