/// Follows one direction of a WebSocket connection from frame to frame (RFC 6455 §5.2), so that a frame of the gateway's own can be
/// put between two frames of the peer's. It looks at lengths alone; payloads pass as they are.
public struct FrameBoundary: Sendable {
    private enum State {
        /// The first or the second byte of a header comes next.
        case first, second
        /// So many bytes of an extended length are missing.
        case length(Int)
    }

    private var state = State.first
    /// Bytes of masking key and payload that are still to come.
    private var rest: UInt64 = 0
    private var length: UInt64 = 0
    private var isMasked = false
    private var isClose = false

    /// A close frame has passed: nothing of the peer's follows it (RFC 6455 §5.5.1).
    public private(set) var hasClosed = false

    /// Before the first frame.
    public init() {}

    /// The next byte begins a frame.
    public var isBetweenFrames: Bool {
        if case .first = state { return rest == 0 }
        return false
    }

    /// Takes note of bytes that pass.
    public mutating func passed(_ bytes: Span<UInt8>) {
        var index = 0
        while index < bytes.count {
            if rest > 0 {
                let step = Int(min(rest, UInt64(bytes.count - index)))
                rest -= UInt64(step)
                index += step
                if rest == 0, isClose { hasClosed = true }
                continue
            }
            header(bytes[index])
            index += 1
        }
    }

    private mutating func header(_ byte: UInt8) {
        switch state {
        case .first:
            isClose = byte & 0x0F == 0x8
            state = .second
        case .second:
            isMasked = byte & 0x80 != 0
            length = 0
            switch byte & 0x7F {
            case 126: state = .length(2)
            case 127: state = .length(8)
            case let short:
                length = UInt64(short)
                payload()
            }
        case .length(let missing):
            length = length << 8 | UInt64(byte)
            if missing == 1 { payload() } else { state = .length(missing - 1) }
        }
    }

    private mutating func payload() {
        state = .first
        // A length with its top bit set is no length (RFC 6455 §5.2): nothing after it can be told apart, and `rest` never ends.
        rest = length > UInt64.max >> 1 ? UInt64.max : length + (isMasked ? 4 : 0)
        if rest == 0, isClose { hasClosed = true }
    }

    /// A close frame of a server that is going away (status 1001, RFC 6455 §7.4.1).
    public static let goingAway: [UInt8] = [0x88, 0x02, 0x03, 0xE9]
}
