internal import Declarations
internal import HTTPModel
internal import Kernel

// Faults on purpose: a share of the requests is held back, or refused.
extension ShardLoop {
    func passFault(_ exchange: Exchange, _ fault: FaultDeclaration) -> Passage {
        guard let downstream = exchange.downstream else { return .answered }
        if fault.delayMilliseconds > 0, downstream.delay == .none {
            guard draws(fault.delayPercent) else {
                downstream.delay = .over
                return abort(exchange, fault)
            }
            downstream.delay = .running
            putBack(exchange, downstream)
            setDeadline(downstream, after: fault.delayMilliseconds)
            return .postponed
        }
        return abort(exchange, fault)
    }

    private func abort(_ exchange: Exchange, _ fault: FaultDeclaration) -> Passage {
        guard fault.abortStatus > 0, draws(fault.abortPercent) else { return .passed }
        answerFault(exchange, status: fault.abortStatus)
        return .answered
    }

    private func draws(_ percent: Int) -> Bool { percent >= 100 || random.next() % 100 < UInt64(percent) }

    /// The delay is over: the request is looked at anew.
    func delayOver(_ downstream: Downstream) {
        downstream.delay = .over
        downstream.inputIsPartial = false
        schedule(downstream)
    }
}
