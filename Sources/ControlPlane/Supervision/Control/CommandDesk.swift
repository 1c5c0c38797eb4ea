internal import Admin
internal import EventLoop
internal import Health
internal import Identity
internal import Kernel
internal import Shard

/// Something that happened and that the supervisor must know.
enum GatewayEvent: Sendable {
    /// A data shard's loop has ended.
    case shardEnded(index: Int)
    /// Endpoints became healthy or not.
    case healthChanged([UpstreamHealthChange])
    /// Keys of an issuer were fetched, or not.
    case keysFetched(KeyBook.News)
    /// A name leads elsewhere, or nowhere.
    case nameChanged(NamedAddress, Result<[SocketAddress], NameFailure>)
    /// Someone asks over the control socket.
    case command(ControlClient.Command, CommandTicket)
}

/// A command on its way: the asking thread waits for the supervisor's answer.
final class CommandTicket: Sendable {
    private let answer = Guarded<LocalAnswer?>(nil)
    private let answered: WakeUp

    init() throws(SystemError) {
        answered = try WakeUp()
    }

    /// Gives the answer.
    func settle(status: Int, _ text: String) {
        answer.withLock { $0 = LocalAnswer(status: status, body: Array(text.utf8)) }
        answered.signal()
    }

    /// The answer; `nil` when none came in this time.
    func wait(timeoutMilliseconds: Int) -> LocalAnswer? {
        _ = answered.wait(timeoutMilliseconds: timeoutMilliseconds)
        return answer.withLock { $0 }
    }
}

/// The way from the control socket's thread to the supervisor's and back.
struct CommandDesk: Sendable {
    let events: Mailbox<GatewayEvent>

    /// A reload of the largest file takes seconds; the supervisor hanging for a minute is a bug that the operator should see.
    private static let patienceMilliseconds = 60_000

    /// A service that asks the supervisor.
    func service(_ command: ControlClient.Command) -> CommandService {
        CommandService {
            guard let ticket = try? CommandTicket(),
                events.post(.command(command, ticket)) == .posted,
                let answer = ticket.wait(timeoutMilliseconds: Self.patienceMilliseconds)
            else { return LocalAnswer(status: 503, body: Array("the supervisor does not answer\n".utf8)) }
            return answer
        }
    }
}
