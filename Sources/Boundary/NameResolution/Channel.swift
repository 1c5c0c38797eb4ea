internal import CCARES
internal import Glibc
internal import Kernel

/// A c-ares channel: its sockets, its servers and the questions in flight. Owned and driven by one thread.
@safe
struct Channel: ~Copyable {
    /// Where answers come from.
    enum Source {
        case hostsFile
        /// A server that says that it cannot is passed over.
        case servers
        /// Whatever the first server says is the answer.
        case firstAnswer
    }

    /// Each question is sent so often to each server.
    private static let tries: Int32 = 3
    /// The first try's share of the whole time: with each further one the wait doubles, so that all of them end in time.
    private static let firstTryShare = 8
    private static let tryMillisecondsRange = 50...2_000

    // Open until `deinit`.
    private let handle: ares_channel
    private let source: Source

    /// The library wants to be initialised once, before anything else.
    private static let libraryStatus = cares_library_init()

    init(_ source: Source, servers: [SocketAddress], timeoutMilliseconds: Int) throws(NameResolutionError.Cause) {
        self.source = source
        unsafe handle = try Self.open(source, noSearchList: !servers.isEmpty, timeoutMilliseconds)
        guard !servers.isEmpty else { return }
        let list = servers.map(\.text).joined(separator: ",")
        // The text is valid during the call. Only memory can be wanting: the list is well-formed, and nothing is in flight.
        let status = unsafe ares_set_servers_ports_csv(handle, list)
        precondition(status == ARES_SUCCESS || status == ARES_ENOMEM, "our own addresses are read")
    }

    private static func open(
        _ source: Source, noSearchList: Bool, _ timeoutMilliseconds: Int
    ) throws(NameResolutionError.Cause) -> ares_channel {
        var opened: ares_channel?
        let first = min(
            max(timeoutMilliseconds / firstTryShare, tryMillisecondsRange.lowerBound), tryMillisecondsRange.upperBound)
        var flags: Int32 = source == .firstAnswer ? ARES_FLAG_NOCHECKRESP : 0
        // The search list belongs to the servers that stand beside it in resolv.conf.
        if noSearchList { flags |= ARES_FLAG_NOSEARCH }
        try check(libraryStatus)
        // The text is valid during the call.
        try check(unsafe cares_open(&opened, source == .hostsFile ? "f" : "b", flags, Int32(first), tries))
        guard let opened = unsafe opened else { throw .system("no channel") }
        return unsafe opened
    }

    deinit {
        // Whoever asked has waited for, or cancelled, all of its questions, so this calls nobody.
        unsafe ares_destroy(handle)
    }

    private static func check(_ status: Int32) throws(NameResolutionError.Cause) {
        if status != ARES_SUCCESS { throw Question.cause(of: status, milliseconds: 0) }
    }

    /// Asks for all names and waits for the answers, at most as long as the budget says; what is open then counts as timed out.
    func ask(_ lookups: [Lookup], _ families: AddressFamilies, atOnce: Int, _ budget: WaitBudget) {
        let round = Round()
        let wanted = questions(families)
        var waiting = lookups[...]
        while true {
            while round.pending < atOnce * wanted.count, let lookup = waiting.popFirst() {
                for family in wanted { start(Question(lookup, round, budget), family) }
            }
            if round.pending == 0 { return }
            if budget.isSpent { break }
            wait(budget)
        }
        for lookup in waiting { lookup.questionFailed(.timedOut(milliseconds: budget.milliseconds)) }
        // Calls back each open question with ARES_ECANCELLED.
        unsafe ares_cancel(handle)
        precondition(round.pending == 0, "cancelled questions are answered")
    }

    /// The families to ask for one by one: servers, so that what becomes of each is known; the hosts file for all at once, since
    /// c-ares 1.18 loses memory with each name that the file has in another family only.
    private func questions(_ families: AddressFamilies) -> [Int32] {
        if source == .hostsFile { return [AF_UNSPEC] }
        return [(AddressFamilies.ipv4, AF_INET), (.ipv6, AF_INET6)].filter { families.contains($0.0) }.map(\.1)
    }

    private func start(_ question: Question, _ family: Int32) {
        question.round.pending += 1
        // Released by the callback, which c-ares calls exactly once for each question: at the latest when it is cancelled.
        let argument = unsafe Unmanaged.passRetained(question).toOpaque()
        unsafe cares_ask(
            handle, question.lookup.host, family,
            { argument, status, _, found in
                let question = unsafe Unmanaged<Question>.fromOpaque(argument.unsafelyUnwrapped).takeRetainedValue()
                unsafe question.ended(status: status, found)
                // The list is ours to free; nothing is kept of it.
                if let found = unsafe found { unsafe ares_freeaddrinfo(found) }
            }, argument)
    }

    /// Waits until a socket is ready, a try is over or the time is up, and lets c-ares act on it.
    private func wait(_ budget: WaitBudget) {
        var sockets = [ares_socket_t](repeating: -1, count: Int(CARES_SOCKETS_MAX))
        // The array has the length that the call is told.
        let bits = unsafe ares_getsock(handle, &sockets, Int32(sockets.count))
        var polled: [pollfd] = []
        for (index, socket) in sockets.enumerated() {
            let wantsRead = cares_wants_read(bits, Int32(index)) != 0
            let wantsWrite = cares_wants_write(bits, Int32(index)) != 0
            guard wantsRead || wantsWrite else { continue }
            polled.append(
                pollfd(fd: socket, events: Int16((wantsRead ? POLLIN : 0) | (wantsWrite ? POLLOUT : 0)), revents: 0))
        }
        // An interrupted wait counts as one that was over early.
        let ready = unsafe poll(&polled, nfds_t(polled.count), Int32(clamping: milliseconds(budget)))
        guard ready > 0 else {
            unsafe ares_process_fd(handle, none, none)
            return
        }
        for entry in polled where entry.revents != 0 {
            let isWritable = Int32(entry.revents) & POLLOUT != 0
            let isReadable = Int32(entry.revents) & ~POLLOUT != 0
            unsafe ares_process_fd(handle, isReadable ? entry.fd : none, isWritable ? entry.fd : none)
        }
    }

    private var none: ares_socket_t { -1 }

    /// How long nothing can happen unless a socket is ready.
    private func milliseconds(_ budget: WaitBudget) -> Int {
        let remaining = budget.remainingMilliseconds
        var longest = timeval(tv_sec: remaining / 1_000, tv_usec: remaining % 1_000 * 1_000)
        var found = timeval()
        // The result is one of the two, which live as long as this function.
        guard let next = unsafe ares_timeout(handle, &longest, &found) else { return remaining }
        // Rounded up: c-ares would find a millisecond too early that nothing is due.
        return unsafe next.pointee.tv_sec * 1_000 + (next.pointee.tv_usec + 999) / 1_000
    }
}

/// Counts the questions in flight.
final class Round {
    var pending = 0
}
