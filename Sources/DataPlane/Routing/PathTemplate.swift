internal import HTTPModel
public import Kernel

/// A text with captures in it, compiled: literal pieces and slots.
///
/// `{name}` inserts a capture, `{**}` the tail, and in a location `{path}` the whole path and `{host}` the host. Captures are pieces
/// of the normalised path, so they are percent-encoded as they must be and are inserted as they are. What comes out never has a
/// control character in it, and a location that begins with one slash never turns into `//host`.
public struct PathTemplate: Sendable, Equatable {
    /// What the text is for.
    public enum Use: Sendable, Equatable {
        /// The path of the forwarded request: begins with `/`.
        case path
        /// The value of `Location`.
        case location
    }

    enum Piece: Sendable, Equatable {
        case literal(start: Int, end: Int)
        case slot(Int)
        case path
        case host
    }

    /// As written.
    public let source: String
    let use: Use
    let pieces: [Piece]
    /// The bytes of all literal pieces.
    let literals: [UInt8]

    init(source: String, use: Use, pieces: [Piece], literals: [UInt8]) {
        self.source = source
        self.use = use
        self.pieces = pieces
        self.literals = literals
    }

    /// An upper bound on what `write` appends, exact for ordinary input. Allocates nothing.
    public func length(captures: borrowing PathCaptures, path: Span<UInt8>, host: Span<UInt8>) -> Int {
        var length = 0
        for index in pieces.indices {
            switch pieces[index] {
            case .literal(let start, let end): length += end - start
            case .slot(let slot): length += captures.range(slot: slot).count
            case .path: length += path.count
            case .host: length += host.count
            }
        }
        return length
    }

    /// Appends the text. The buffer must have room for `length(…)` bytes. Allocates nothing.
    ///
    /// - Parameters:
    ///   - captures: of the match that found the route.
    ///   - path: the path of that match.
    ///   - host: without port; only read by locations.
    public func write(
        into buffer: inout ByteBuffer, captures: borrowing PathCaptures, path: Span<UInt8>, host: Span<UInt8>
    ) {
        // The first bytes decide whether a location stays on this host, so slashes that would double there are left out.
        var written = LeadingSlash.nothing
        for index in pieces.indices {
            switch pieces[index] {
            case .literal(let start, let end):
                let literal = literals.span.extracting(start..<end)
                if written == .slash {
                    insert(literal, &buffer, &written)
                } else {
                    // A location may well be written to begin with `//host`.
                    buffer.append(literal)
                    written = written == .nothing && literal.count == 1 && literal[0] == 0x2F ? .slash : .more
                }
            case .slot(let slot):
                insert(path.extracting(captures.range(slot: slot).indices), &buffer, &written)
            case .path:
                insert(path, &buffer, &written)
            case .host:
                insert(host, &buffer, &written)
            }
        }
    }

    private enum LeadingSlash {
        case nothing, slash, more
    }

    private func insert(_ bytes: Span<UInt8>, _ buffer: inout ByteBuffer, _ written: inout LeadingSlash) {
        var rest = bytes
        if use == .location && written != .more {
            while !rest.isEmpty, rest[0] == 0x2F, written == .slash || rest.count > 1 && rest[1] == 0x2F {
                rest = rest.extracting(droppingFirst: 1)
            }
        }
        guard !rest.isEmpty else { return }
        written = written == .nothing && rest.count == 1 && rest[0] == 0x2F ? .slash : .more
        if ByteSearch.endOfFieldValue(rest, from: 0) == rest.count {
            buffer.append(rest)
        } else {
            // A normalised path and a checked host have no control characters; should one get here, it ends here.
            for index in rest.indices where rest[index] > 0x20 && rest[index] != 0x7F { buffer.append(rest[index]) }
        }
    }
}
