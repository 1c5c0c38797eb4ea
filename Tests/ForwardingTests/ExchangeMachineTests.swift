import HTTPModel
import Testing

@testable import Forwarding

private func machine(idempotent: Bool = true, complete: Bool = true, closes: Bool = false) -> ExchangeMachine {
    ExchangeMachine(isIdempotent: idempotent, requestIsComplete: complete, closesDownstream: closes)
}

struct ExchangeMachineTests {
    @Test func `a pooled connection that died without a word is forgiven for an idempotent request`() {
        var exchange = machine()
        exchange.attemptStarted(onPooledConnection: true)
        exchange.requestBytesSent()
        #expect(exchange.upstreamFailed(.upstreamClosed) == .sendAgain)
    }

    @Test func `nothing is sent again once it may have had an effect`() {
        var exchange = machine(idempotent: false)
        exchange.attemptStarted(onPooledConnection: true)
        #expect(exchange.upstreamFailed(.upstreamClosed) == .sendAgain)
        exchange.requestBytesSent()
        #expect(exchange.upstreamFailed(.upstreamClosed) == .answer(.upstreamClosed))
    }

    @Test func `a new connection, a word of the origin, a lost body or a time-out end the tries`() {
        var fresh = machine()
        fresh.attemptStarted(onPooledConnection: false)
        #expect(fresh.upstreamFailed(.upstreamClosed) == .answer(.upstreamClosed))
        var answered = machine()
        answered.attemptStarted(onPooledConnection: true)
        answered.responseBytesReceived()
        #expect(answered.upstreamFailed(.upstreamClosed) == .answer(.upstreamClosed))
        var flown = machine(complete: false)
        flown.attemptStarted(onPooledConnection: true)
        flown.holdsWholeRequest = false
        #expect(flown.upstreamFailed(.upstreamClosed) == .answer(.upstreamClosed))
        var slow = machine()
        slow.attemptStarted(onPooledConnection: true)
        #expect(slow.upstreamFailed(.responseTimeout) == .answer(.responseTimeout))
    }

    @Test func `tries are bounded`() {
        var exchange = machine()
        var tries = 0
        repeat {
            exchange.attemptStarted(onPooledConnection: true)
            tries += 1
        } while exchange.upstreamFailed(.upstreamClosed) == .sendAgain
        #expect(tries == ExchangeMachine.attemptsMax)
    }

    @Test func `after the head went out a failure is a cut, never an answer`() {
        var exchange = machine()
        exchange.attemptStarted(onPooledConnection: true)
        exchange.responseHeadForwarded()
        #expect(exchange.upstreamFailed(.upstreamBodyBroken) == .cut(.upstreamBodyBroken))
    }

    @Test(arguments: [true, false], [true, false])
    func `connections are kept only when request and answer are whole`(_ complete: Bool, _ keeps: Bool) {
        var exchange = machine(complete: complete)
        let ending = exchange.responseCompleted(upstreamKeepsAlive: keeps)
        #expect(ending.keepsUpstream == (complete && keeps))
        #expect(ending.downstream == (complete ? .keep : .discardRestThenKeep))
        var closing = machine(complete: complete, closes: true)
        #expect(closing.responseCompleted(upstreamKeepsAlive: keeps).downstream == .close)
    }
}
