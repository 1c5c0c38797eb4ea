import Kernel
import ProxyProtocol
import Testing

func parse(_ bytes: [UInt8]) -> ProxyHeaderOutcome { ProxyHeaderParser.parse(bytes.span) }

func address(_ literal: String, _ port: UInt16) -> SocketAddress {
    guard let address = SocketAddress(literal: literal, port: port) else {
        preconditionFailure("no literal: \(literal)")
    }
    return address
}

/// From hexadecimal digits, with spaces for the eye.
func bytes(hex: String) -> [UInt8] {
    let digits = hex.utf8.compactMap { Character(UnicodeScalar($0)).hexDigitValue }
    return stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
}

/// Every shorter part is incomplete, and nothing behind the header changes what it says.
func expectHeader(
    _ header: [UInt8], _ outcome: ProxyHeaderOutcome, sourceLocation: SourceLocation = #_sourceLocation
) {
    for count in 0..<header.count {
        let part = parse(Array(header[..<count]))
        #expect(part == .incomplete, "after \(count) of \(header.count)", sourceLocation: sourceLocation)
    }
    #expect(parse(header) == outcome, sourceLocation: sourceLocation)
    for behind in [[0x00], [0x0D, 0x0A], Array("PROXY TCP4 ".utf8), [UInt8](repeating: 0x41, count: 5_000)] {
        #expect(parse(header + behind) == outcome, sourceLocation: sourceLocation)
    }
}

/// Refused as soon as the byte at `index` is there, and whatever follows; incomplete until then.
func expectRefusal(_ bytes: [UInt8], at index: Int, sourceLocation: SourceLocation = #_sourceLocation) {
    for count in 0...bytes.count {
        let part = parse(Array(bytes[..<count]))
        #expect(
            part == (count <= index ? .incomplete : .failed), "after \(count) of \(bytes.count)",
            sourceLocation: sourceLocation)
    }
}
