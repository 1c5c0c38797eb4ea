public import Filters
public import HTTP1
public import HTTPModel
public import Kernel

/// How a body is written to the next hop.
public enum BodyPackaging: Sendable, Equatable {
    /// As it is; its end is told by `Content-Length` or by closing the connection.
    case plain
    /// In chunks of our own. The received chunking is never passed on: what was hidden in it ends here.
    case chunked
}

/// What a pass over received bytes brought.
public struct RelayOutcome: Sendable, Equatable {
    /// Bytes of the input that are done with.
    public var consumed: Int
    /// Octets of content among them.
    public var contentBytes: Int
    /// How it stands.
    public var status: Status

    /// All parts.
    public init(consumed: Int, contentBytes: Int, status: Status) {
        self.consumed = consumed
        self.contentBytes = contentBytes
        self.status = status
    }

    /// How it stands after the pass.
    public enum Status: Sendable, Equatable {
        /// The input is used up; more is needed.
        case needsMore
        /// The body ended.
        case finished
        /// The output has no room for more.
        case outputFull
        /// The framing is broken.
        case failed
    }
}

/// Carries body bytes from one framing to another.
public enum BodyRelay {
    /// Octets that packaging may add to one run of content: a chunk size of 16 digits and two CRLF.
    public static let packagingBytesMax = 20
    /// Room that must be left for the last chunk and its trailers.
    public static let endBytesMax = 16

    /// Reads from `input` at `start` and appends to `output` what goes to the next hop.
    ///
    /// - Parameters:
    ///   - takesTrailers: the next hop may be sent trailers (RFC 9110 §6.5.1).
    ///   - edits: what they keep out of the head they keep out of the trailers too.
    public static func relay(
        _ reader: inout BodyReader, _ input: Span<UInt8>, from start: Int, as packaging: BodyPackaging,
        into output: inout ByteBuffer, trailers: inout FieldTable, takesTrailers: Bool, edits: HeaderEdits? = nil
    ) -> RelayOutcome {
        var outcome = RelayOutcome(consumed: start, contentBytes: 0, status: .needsMore)
        while true {
            guard output.writableCount > packagingBytesMax + endBytesMax else {
                outcome.status = .outputFull
                break
            }
            // The reader sees no more than the output can take, so that nothing read is left without a place.
            let room = output.writableCount - packagingBytesMax - endBytesMax
            let before = reader
            switch reader.step(input, from: outcome.consumed, trailers: &trailers) {
            case .content(let range):
                var piece = range
                if piece.count > room {
                    piece = range.lowerBound..<(range.lowerBound + room)
                    reader = before
                    _ = reader.step(input.extracting(0..<piece.upperBound), from: outcome.consumed, trailers: &trailers)
                }
                append(input.extracting(piece), as: packaging, to: &output)
                outcome.consumed = piece.upperBound
                outcome.contentBytes += piece.count
                if reader.isFinished {
                    outcome.status = finish(packaging, input, trailers: nil, into: &output)
                    return exact(outcome, start)
                }
            case .needsMore(let consumed):
                outcome.consumed = consumed
                return exact(outcome, start)
            case .finished(let consumed):
                if let edits, !edits.isEmpty { trailers.entries.removeAll { edits.drops($0, in: input) } }
                if packaging == .chunked, takesTrailers, !output.isEmpty,
                    output.writableCount < endBytesMax + bytes(of: trailers)
                {
                    // An empty output may have the room: better late than without them.
                    reader = before
                    outcome.status = .outputFull
                    return exact(outcome, start)
                }
                outcome.consumed = consumed
                outcome.status = finish(packaging, input, trailers: takesTrailers ? trailers : nil, into: &output)
                return exact(outcome, start)
            case .failed:
                outcome.status = .failed
                return exact(outcome, start)
            }
        }
        return exact(outcome, start)
    }

    /// `consumed` was an index while we walked; callers want a count.
    private static func exact(_ outcome: RelayOutcome, _ start: Int) -> RelayOutcome {
        var result = outcome
        result.consumed -= start
        return result
    }

    private static func append(_ content: Span<UInt8>, as packaging: BodyPackaging, to output: inout ByteBuffer) {
        guard packaging == .chunked else { return output.append(content) }
        output.appendChunkSize(content.count)
        output.append("\r\n")
        output.append(content)
        output.append("\r\n")
    }

    /// Octets of the trailers that may travel.
    private static func bytes(of trailers: FieldTable) -> Int {
        var count = 0
        for entry in trailers.entries where entry.known.mayTravelAsTrailer {
            count += entry.name.count + entry.value.count + 4
        }
        return count
    }

    /// The last chunk, with the trailers that may travel; those for which even an empty output has no room are left out.
    private static func finish(
        _ packaging: BodyPackaging, _ input: Span<UInt8>, trailers: FieldTable?, into output: inout ByteBuffer
    ) -> RelayOutcome.Status {
        guard packaging == .chunked else { return .finished }
        output.append("0\r\n")
        if let trailers {
            for entry in trailers.entries where entry.known.mayTravelAsTrailer {
                let needed = entry.name.count + entry.value.count + 4
                guard output.writableCount >= needed + 2 else { break }
                output.append(input.extracting(entry.name.indices))
                output.append(": ")
                output.append(input.extracting(entry.value.indices))
                output.append("\r\n")
            }
        }
        output.append("\r\n")
        return .finished
    }

    /// Ends a chunked body whose content ended without trailers (the origin closed the connection).
    public static func appendLastChunk(to output: inout ByteBuffer) {
        output.append("0\r\n\r\n")
    }
}

extension KnownField {
    /// Fields for framing, routing, authentication and interpretation must not come late (RFC 9110 §6.5.1).
    fileprivate var mayTravelAsTrailer: Bool { self == .other }
}
