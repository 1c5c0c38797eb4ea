internal import EventLoop
internal import Forwarding
internal import HTTP1
internal import HTTPModel
internal import Kernel

/// One client connection. It owns no buffer while it is idle.
final class Downstream {
    /// What the connection is doing.
    enum State {
        /// A trusted proxy says first whose connection this is (PROXY protocol).
        case readingProxyHeader
        /// TLS is being agreed on.
        case handshaking
        /// Between two requests, or before the first byte of one.
        case idle
        /// Part of a request head is here.
        case readingHead
        /// An exchange is in progress.
        case exchanging
        /// The exchange changed to another protocol: bytes pass both ways as they are.
        case tunnelling
        /// The answer is out; the rest of the request body is thrown away before the next head can be read.
        case discarding
        /// Everything is said; what the client still sends is thrown away until it closes, so that the close does not turn into
        /// a reset that takes the answer with it.
        case lingering
    }

    var transport: Transport
    let token: SlotToken
    let listener: ListenerContext
    var identity: ForwardingIdentity

    var state = State.idle
    var exchange: Exchange?
    /// Received and not yet used: part of a head, or what was pipelined behind a request.
    var input = ByteBuffer()
    /// `input` holds only part of what is looked for: without more bytes it is no work.
    var inputIsPartial = false
    /// What the kernel did not take yet. While it is not empty, nothing more is produced.
    var output = ByteBuffer()
    /// There may be bytes to read; cleared when the kernel said otherwise.
    var mayRead = false
    /// The peer has finished sending, or the connection broke: only reading tells which.
    var sawHangup = false
    /// The peer's last byte was read.
    var readEnded = false
    var closesAfterFlush = false
    var isScheduled = false
    /// Who counts it among the connections of one client.
    var client = ClientTable.Ticket()
    /// It is on the list of handshakes.
    var awaitsTurn = false
    var isClosed = false
    /// Its request waits for keys, or has waited for them; the head is in `input`.
    var keyWait: KeyWait?
    /// A fault on purpose holds its request back, or has.
    var delay = Delay.none
    var requests = 0

    /// For `discarding` and `lingering`.
    var discardReader = BodyReader(.none)
    var discardBudget = 0

    /// When the first byte of the current request arrived.
    var requestStarted: UInt64 = 0
    /// The end of the current wait; 0 when nothing is awaited from the client.
    var deadline: UInt64 = 0
    var armedTick: UInt64 = 0
    /// Progress since the current stall period began.
    var windowStart: UInt64 = 0
    var windowBytes = 0
    var windowKind = Window.none

    /// What the client is being timed for during an exchange.
    enum Window {
        case none, sendingBody, takingAnswer
    }

    /// How far a delay on purpose is.
    enum Delay {
        case none, running, over
    }

    /// There is something to look at, or to read.
    var hasInputToServe: Bool { mayRead || (!input.isEmpty && !inputIsPartial) }

    init(
        transport: consuming Transport, token: SlotToken, listener: ListenerContext, identity: ForwardingIdentity
    ) {
        self.transport = transport
        self.token = token
        self.listener = listener
        self.identity = identity
    }
}
