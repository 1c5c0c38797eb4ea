internal import EventLoop
internal import Kernel

/// One connection to an endpoint: being opened, idle in its pool, or carrying an exchange.
final class UpstreamConnection {
    /// What the connection is doing.
    enum State {
        case connecting, idle, busy, tunnelling
    }

    let socket: TCPSocket
    let token: SlotToken
    /// A cluster that takes the place of another takes over the idle connections to addresses that stay.
    var cluster: Cluster
    var endpoint: Int

    var state = State.connecting
    var exchange: Exchange?
    /// Received and not yet used: part of a head or of a trailer section.
    var input = ByteBuffer()
    /// `input` holds only part of what is looked for: without more bytes it is no work.
    var inputIsPartial = false
    var mayRead = false
    /// Writable as far as known; cleared when the kernel took less than it was given.
    var mayWrite = true
    var sawHangup = false
    /// The origin's last byte was read; a tunnel's other direction may go on.
    var readEnded = false
    /// The kernel refused to send: only the answer is of interest now.
    var refusesRequest = false
    /// It carries a second attempt beside the first; nothing of it has been answered.
    var isRival = false
    var isScheduled = false
    var isClosed = false

    var connectStarted: UInt64 = 0
    var deadline: UInt64 = 0
    var armedTick: UInt64 = 0

    /// There is something to look at, or to read.
    var hasInputToServe: Bool { mayRead || (!input.isEmpty && !inputIsPartial) }
    /// A piece of request body may be sent.
    var takesRequest: Bool { state == .busy && !refusesRequest }

    init(socket: consuming TCPSocket, token: SlotToken, cluster: Cluster, endpoint: Int) {
        self.socket = socket
        self.token = token
        self.cluster = cluster
        self.endpoint = endpoint
    }
}
