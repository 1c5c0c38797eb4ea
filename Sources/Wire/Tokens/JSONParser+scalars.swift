internal import Kernel

// Texts, numbers and words.

extension JSONParser {
    /// Digits and signs of one number: a double needs 24, and nothing honest has more than twice that.
    static var numberBytesMax: Int { 64 }

    /// A text between quotation marks.
    mutating func string(_ nodes: inout [JSONNode]) throws(JSONFailure) {
        index += 1
        let start = index
        var hasEscapes = false
        while true {
            let byte = try current()
            switch byte {
            case UInt8(ascii: "\""):
                try append(.string, from: start, to: index, isMarked: hasEscapes, &nodes)
                index += 1
                return
            case UInt8(ascii: "\\"):
                hasEscapes = true
                try escape()
            case 0..<0x20: throw failure(.syntax)
            case 0x20..<0x80: skipPlain()
            default: try sequence(byte)
            }
        }
    }

    /// Skips ordinary ASCII, which texts mostly consist of.
    private mutating func skipPlain() {
        let text = text
        var place = index
        while place < text.count {
            let byte = text[place]
            guard byte &- 0x20 < 0x60, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\") else { break }
            place &+= 1
        }
        index = place
    }

    /// `\` and what follows.
    private mutating func escape() throws(JSONFailure) {
        let start = index
        index += 1
        switch try current() {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
            UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            index += 1
        case UInt8(ascii: "u"):
            index += 1
            let unit = try codeUnit()
            if unit & 0xFC00 == 0xD800 {
                guard try current() == UInt8(ascii: "\\") else { throw JSONFailure(reason: .text, offset: start) }
                index += 1
                guard try current() == UInt8(ascii: "u") else { throw JSONFailure(reason: .text, offset: start) }
                index += 1
                guard try codeUnit() & 0xFC00 == 0xDC00 else { throw JSONFailure(reason: .text, offset: start) }
            } else if unit & 0xFC00 == 0xDC00 || unit == 0 {
                // A NUL ends a text for some who read it later.
                throw JSONFailure(reason: .text, offset: start)
            }
        default: throw failure(.text)
        }
    }

    private mutating func codeUnit() throws(JSONFailure) -> UInt16 {
        var unit: UInt16 = 0
        for _ in 0..<4 {
            guard let digit = JSONText.hexadecimal(try current()) else { throw failure(.text) }
            unit = unit << 4 | digit
            index += 1
        }
        return unit
    }

    /// A character of two to four octets (RFC 3629 §4), neither overlong nor a surrogate.
    private mutating func sequence(_ lead: UInt8) throws(JSONFailure) {
        var lowest: UInt8 = 0x80
        var highest: UInt8 = 0xBF
        let more: Int
        switch lead {
        case 0xC2...0xDF: more = 1
        case 0xE0...0xEF:
            more = 2
            if lead == 0xE0 { lowest = 0xA0 }
            if lead == 0xED { highest = 0x9F }
        case 0xF0...0xF4:
            more = 3
            if lead == 0xF0 { lowest = 0x90 }
            if lead == 0xF4 { highest = 0x8F }
        default: throw failure(.text)
        }
        index += 1
        for _ in 0..<more {
            let byte = try current()
            guard byte >= lowest, byte <= highest else { throw failure(.text) }
            lowest = 0x80
            highest = 0xBF
            index += 1
        }
    }

    /// RFC 8259 §6: no plus, no leading zeros, digits on both sides of the point.
    mutating func number(_ nodes: inout [JSONNode]) throws(JSONFailure) {
        let start = index
        if text[index] == UInt8(ascii: "-") { index += 1 }
        if try current() == UInt8(ascii: "0") {
            index += 1
        } else {
            try digits()
        }
        if index < text.count, text[index] == UInt8(ascii: ".") {
            index += 1
            try digits()
        }
        if index < text.count, text[index] | 0x20 == UInt8(ascii: "e") {
            index += 1
            let sign = try current()
            if sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") { index += 1 }
            try digits()
        }
        guard index - start <= Self.numberBytesMax else { throw JSONFailure(reason: .longNumber, offset: start) }
        try append(.number, from: start, to: index, &nodes)
    }

    private mutating func digits() throws(JSONFailure) {
        guard Self.isDigit(try current()) else { throw failure(.syntax) }
        while index < text.count, Self.isDigit(text[index]) { index += 1 }
    }

    private static func isDigit(_ byte: UInt8) -> Bool { byte >= 0x30 && byte <= 0x39 }

    mutating func word(_ word: StaticString, _ kind: JSONKind, _ nodes: inout [JSONNode]) throws(JSONFailure) {
        let start = index
        let expected = word.span
        for place in expected.indices {
            guard try current() == expected[place] else { throw failure(.syntax) }
            index += 1
        }
        try append(kind, from: start, to: index, &nodes)
    }
}
