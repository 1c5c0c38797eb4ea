internal import Kernel

/// One host name on its way to a result: what the answers to its questions have brought so far. Ports do not matter here.
final class Lookup {
    let host: String
    private var addresses: [SocketAddress] = []
    private var timeToLiveSeconds = Int.max
    private var causes: Set<NameResolutionError.Cause> = []
    private var state = State.open

    private enum State {
        case open
        case found(Resolution)
        case failed(NameResolutionError.Cause)
    }

    init(host: String) {
        self.host = host
    }

    var isOpen: Bool {
        if case .open = state { true } else { false }
    }

    var isUnreachable: Bool {
        if case .failed(.unreachable) = state { true } else { false }
    }

    // MARK: - What comes in

    /// An answer with records; `timeToLiveSeconds` is the least of them.
    func answered(_ found: [SocketAddress], timeToLiveSeconds seconds: Int) {
        if found.isEmpty { causes.insert(.noAddress) }
        // A message's size bounds them. Only the resolution cuts the list: cut before it is sorted, each rotation would be another.
        addresses += found
        timeToLiveSeconds = min(timeToLiveSeconds, seconds)
    }

    /// A question that brought nothing.
    func questionFailed(_ cause: NameResolutionError.Cause) {
        causes.insert(cause)
    }

    // MARK: - What becomes of it

    /// Literals lead to themselves, and what is no name leads nowhere.
    func settleWithoutAsking() {
        if let literal = SocketAddress(literal: host, port: 0) {
            state = .found(Resolution([literal], timeToLiveSeconds: Resolution.literalSeconds))
        } else if !HostName.isValid(host) {
            state = .failed(.invalidName)
        }
    }

    /// An entry of the hosts file ends the search; that there is none is no failure. Families that the machine lacks are left out,
    /// unless nothing else is there.
    func concludeHostsFile(keeping families: AddressFamilies) {
        let usable = addresses.filter { families.contains(familyOf: $0) }
        let kept = usable.isEmpty ? addresses : usable
        reopen()
        guard !kept.isEmpty else { return }
        state = .found(Resolution(kept, timeToLiveSeconds: Resolution.hostsFileSeconds))
    }

    /// All questions have their answer, or the time is up.
    func conclude(_ budget: WaitBudget) {
        guard addresses.isEmpty else {
            state = .found(Resolution(addresses, timeToLiveSeconds: timeToLiveSeconds))
            return
        }
        let worst = causes.max { Self.rank($0) < Self.rank($1) }
        state = .failed(worst ?? .timedOut(milliseconds: budget.milliseconds))
    }

    /// Fails without an answer.
    func fail(_ cause: NameResolutionError.Cause) {
        state = .failed(cause)
    }

    /// Forgets what came in, to ask again.
    func reopen() {
        addresses = []
        timeToLiveSeconds = .max
        causes = []
        state = .open
    }

    /// The result for one of the ports.
    func result(port: UInt16, askedAt servers: String) -> Result<Resolution, NameResolutionError> {
        switch state {
        case .found(let resolution): .success(resolution.with(port: port))
        case .failed(let cause): .failure(NameResolutionError(host: host, cause: cause, servers: servers))
        case .open: .failure(NameResolutionError(host: host, cause: .system("not asked"), servers: servers))
        }
    }

    /// Which of two questions' failures tells more. One that may pass must not be taken for a name that does not exist; and of two
    /// questions over one socket the refusal of both may be reported to one only, so that the other times out.
    private static func rank(_ cause: NameResolutionError.Cause) -> Int {
        switch cause {
        case .notFound: 0
        case .noAddress: 1
        case .invalidName: 2
        case .timedOut: 3
        case .unreachable: 4
        case .serverFailure: 5
        case .system: 6
        }
    }
}

extension Resolution {
    /// The same addresses with this port.
    fileprivate func with(port: UInt16) -> Resolution {
        Resolution(
            addresses.map { SocketAddress(high: $0.high, low: $0.low, port: port) },
            timeToLiveSeconds: timeToLiveSeconds)
    }
}

/// What may be asked for as a host.
enum HostName {
    /// RFC 1123 §2.1 with underscores, which service names of container networks have; a dot at the end ends the search list. The
    /// last label is no number: some readers take such names for addresses.
    static func isValid(_ host: String) -> Bool {
        let bytes = Array(host.utf8)
        let name = bytes.last == UInt8(ascii: ".") ? bytes.dropLast() : bytes[...]
        guard !name.isEmpty, name.count <= 253 else { return false }
        let labels = name.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        let areValid = labels.allSatisfy { label in
            (1...63).contains(label.count) && label.first != hyphen && label.last != hyphen
                && label.allSatisfy { isLetter($0) || isDigit($0) || $0 == hyphen || $0 == UInt8(ascii: "_") }
        }
        guard areValid, let last = labels.last else { return false }
        return !last.allSatisfy(isDigit)
    }

    private static let hyphen = UInt8(ascii: "-")

    private static func isLetter(_ byte: UInt8) -> Bool { (0x61...0x7A).contains(byte | 0x20) }

    private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
}
