import HTTPModel
import Testing

@testable import Forwarding

/// Every sequence of events up to a length, against a record of what happened kept by the test.
@Suite struct ExchangeMachinePropertyTests {
    enum Event: CaseIterable {
        case startPooled, startFresh, sent, completed, received, forwarded, loseHold
    }

    /// What the test remembers on its own.
    struct Record {
        var bytesSentEver = false
        var bytesSentNow = false
        var receivedNow = false
        var headOut = false
        var pooled = false
        var isComplete: Bool
        var attempts = 0
        var holds = true
    }

    private func apply(_ event: Event, _ machine: inout ExchangeMachine, _ record: inout Record) {
        switch event {
        case .startPooled, .startFresh:
            machine.attemptStarted(onPooledConnection: event == .startPooled)
            record.pooled = event == .startPooled
            record.bytesSentNow = false
            record.receivedNow = false
            record.attempts += 1
        case .sent:
            machine.requestBytesSent()
            record.bytesSentNow = true
            record.bytesSentEver = true
        case .completed:
            machine.requestCompleted()
            record.isComplete = true
        case .received:
            machine.responseBytesReceived()
            record.receivedNow = true
        case .forwarded:
            machine.responseHeadForwarded()
            record.headOut = true
        case .loseHold:
            machine.holdsWholeRequest = false
            record.holds = false
        }
    }

    private func check(_ machine: ExchangeMachine, _ record: Record, _ events: [Event]) {
        for error in GatewayError.allCases {
            let remedy = machine.upstreamFailed(error)
            if record.headOut {
                #expect(remedy == .cut(error), "\(events)")
            } else {
                let maySendAgain =
                    error == .upstreamClosed && record.pooled && !record.receivedNow && record.holds
                    && (machine.isIdempotent || !record.bytesSentNow) && record.attempts < ExchangeMachine.attemptsMax
                #expect(remedy == (maySendAgain ? .sendAgain : .answer(error)), "\(events)")
            }
        }
        #expect(machine.hasSentBytes == record.bytesSentNow)
        #expect(machine.attempts == record.attempts)
        #expect(machine.requestIsComplete == record.isComplete)
        checkEndings(machine, record, events)
    }

    private func checkEndings(_ machine: ExchangeMachine, _ record: Record, _ events: [Event]) {
        let downstream: ExchangeMachine.DownstreamEnding =
            machine.closesDownstream ? .close : record.isComplete ? .keep : .discardRestThenKeep
        for keepsAlive in [true, false] {
            var ended = machine
            let ending = ended.responseCompleted(upstreamKeepsAlive: keepsAlive)
            #expect(ending.keepsUpstream == (keepsAlive && record.isComplete), "\(events)")
            #expect(ending.downstream == downstream, "\(events)")
            #expect(ended.answer == .complete)
            // Nothing that happens to the origin now may be answered: the client has its answer.
            #expect(ended.upstreamFailed(.upstreamClosed) == .cut(.upstreamClosed))
        }
        var answered = machine
        #expect(answered.answeredLocally() == downstream, "\(events)")
    }

    @Test(arguments: [true, false], [true, false])
    func `every event in every state`(isIdempotent: Bool, isComplete: Bool) {
        for closes in [true, false] {
            var stack: [(ExchangeMachine, Record, [Event])] = [
                (
                    ExchangeMachine(
                        isIdempotent: isIdempotent, requestIsComplete: isComplete, closesDownstream: closes),
                    Record(isComplete: isComplete), []
                )
            ]
            while let (machine, record, events) = stack.popLast() {
                check(machine, record, events)
                guard events.count < 4 else { continue }
                for event in Event.allCases {
                    var (next, nextRecord) = (machine, record)
                    apply(event, &next, &nextRecord)
                    stack.append((next, nextRecord, events + [event]))
                }
            }
        }
    }

    @Test func `following the remedies, a request that may have had an effect never goes out twice`() {
        for isIdempotent in [true, false] {
            for script in 0..<256 {
                var machine = ExchangeMachine(
                    isIdempotent: isIdempotent, requestIsComplete: true, closesDownstream: false)
                var timesSent = 0
                var isPooled = true
                var bits = script
                while true {
                    machine.attemptStarted(onPooledConnection: isPooled)
                    if bits & 1 != 0 {
                        machine.requestBytesSent()
                        timesSent += 1
                    }
                    if bits & 2 != 0 { machine.responseBytesReceived() }
                    guard machine.upstreamFailed(.upstreamClosed) == .sendAgain else { break }
                    bits >>= 2
                    isPooled = bits & 4 != 0
                }
                #expect(isIdempotent || timesSent <= 1, "script \(script)")
                #expect(machine.attempts <= ExchangeMachine.attemptsMax)
            }
        }
    }
}
