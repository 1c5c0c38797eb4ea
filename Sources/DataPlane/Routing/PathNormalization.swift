internal import Kernel

/// Brings a request's path into the one form that is routed and forwarded (RFC 3986 §6.2.2 and §5.2.4).
///
/// Encoded unreserved characters are decoded, other encodings get upper-case digits, dot segments are removed. Slashes in a row stay.
/// What readers are known to disagree about is refused: encoded slashes, backslashes and NULs, backslashes, dot segments with
/// parameters (`..;x`), a path that climbs above the root. The result is a fixed point: normalising it again changes nothing.
public enum PathNormalization {
    /// Normalises `path`, which is a request target without its query. An empty one (from an absolute form) becomes `/`.
    ///
    /// `result` is overwritten only for `.normalized`, or on the way to a rejection; its storage is reused, so nothing is allocated
    /// when it has room for the path. One pass; most paths are seen to be normal 8 bytes at a time.
    public static func normalize(_ path: Span<UInt8>, into result: inout [UInt8]) -> PathOutcome {
        guard !path.isEmpty else {
            result.removeAll(keepingCapacity: true)
            result.append(0x2F)
            return .normalized
        }
        guard path[0] == 0x2F else { return .rejected(.notAbsolute) }
        if ByteSearch.isPlainPath(path) { return .alreadyNormal }
        return rewrite(path, &result)
    }

    /// The general way: a copy, segment by segment, in which each finished segment is looked at once more.
    private static func rewrite(_ path: Span<UInt8>, _ result: inout [UInt8]) -> PathOutcome {
        result.removeAll(keepingCapacity: true)
        result.reserveCapacity(path.count)
        result.append(0x2F)
        // Where the segment that is being copied begins in the result.
        var segment = 1
        var changed = false
        var index = 1
        while index < path.count {
            let byte = path[index]
            switch classes[Int(byte)] {
            case .plain:
                result.append(byte)
            case .slash:
                if let defect = endSegment(&result, &segment, isLast: false, &changed) { return .rejected(defect) }
            case .percent:
                if let defect = decode(path, at: index, &result, &changed) { return .rejected(defect) }
                index &+= 2
            case .backslash: return .rejected(.backslash)
            case .control: return .rejected(.controlCharacter)
            case .nonASCII: return .rejected(.nonASCII)
            case .forbidden: return .rejected(.forbiddenCharacter)
            }
            index &+= 1
        }
        if let defect = endSegment(&result, &segment, isLast: true, &changed) { return .rejected(defect) }
        return changed ? .normalized : .alreadyNormal
    }

    /// Copies one percent-encoding: as the character when it is unreserved, otherwise as upper-case digits.
    private static func decode(
        _ path: Span<UInt8>, at index: Int, _ result: inout [UInt8], _ changed: inout Bool
    ) -> PathDefect? {
        guard index + 2 < path.count, let high = Hexadecimal.value(of: path[index + 1]),
            let low = Hexadecimal.value(of: path[index + 2])
        else { return .badPercentEncoding }
        let byte = high << 4 | low
        switch byte {
        case 0x00: return .encodedNull
        case 0x2F: return .encodedSlash
        case 0x5C: return .encodedBackslash
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E:
            result.append(byte)
            changed = true
        default:
            let digits = (Hexadecimal.digit(high), Hexadecimal.digit(low))
            result.append(0x25)
            result.append(digits.0)
            result.append(digits.1)
            if digits.0 != path[index + 1] || digits.1 != path[index + 2] { changed = true }
        }
        return nil
    }

    /// Ends the segment that begins at `segment`: removes it when it is a dot segment, and begins the next one.
    private static func endSegment(
        _ result: inout [UInt8], _ segment: inout Int, isLast: Bool, _ changed: inout Bool
    ) -> PathDefect? {
        switch dots(result, from: segment) {
        case .none:
            if !isLast { result.append(0x2F) }
            segment = result.count
        case .parameters:
            return .dotSegmentWithParameters
        case .here:
            result.removeLast(result.count - segment)
            changed = true
        case .up:
            guard segment > 1 else { return .climbsAboveRoot }
            // Back over the slash to the start of the segment before. Each byte is removed at most once, so the whole is linear.
            var start = segment - 1
            while result[start - 1] != 0x2F { start -= 1 }
            result.removeLast(result.count - start)
            segment = start
            changed = true
        }
        return nil
    }

    private enum Dots {
        case none, here, up, parameters
    }

    /// What the last segment of the result is, up to its first `;` in either spelling (an origin may cut there, or decode first).
    private static func dots(_ result: [UInt8], from segment: Int) -> Dots {
        let count = result.count - segment
        guard count > 0, result[segment] == 0x2E else { return .none }
        let dots = count > 1 && result[segment + 1] == 0x2E ? 2 : 1
        let rest = segment + dots
        if rest == result.count { return dots == 1 ? .here : .up }
        let isEncoded = rest + 2 < result.count && result[rest] == 0x25 && result[rest + 1] == 0x33
        return result[rest] == 0x3B || isEncoded && result[rest + 2] == 0x42 ? .parameters : .none
    }

    private enum ByteClass {
        case plain, slash, percent, backslash, control, nonASCII, forbidden
    }

    private static let classes: [256 of ByteClass] = {
        var classes = [256 of ByteClass](repeating: .plain)
        for byte in 0..<0x21 { classes[byte] = .control }
        classes[0x7F] = .control
        for byte in 0x80...0xFF { classes[byte] = .nonASCII }
        for byte in Array("\"#<>?^`{|}".utf8) { classes[Int(byte)] = .forbidden }
        classes[0x2F] = .slash
        classes[0x25] = .percent
        classes[0x5C] = .backslash
        return classes
    }()
}
