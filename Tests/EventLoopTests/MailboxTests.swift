import EventLoop
import Kernel
import Testing

@Suite struct MailboxTests {
    @Test func `messages are collected in order, once`() throws {
        let mailbox = Mailbox<Int>(wakeUp: try WakeUp())
        #expect(mailbox.collect().isEmpty)
        for number in 0..<5 { #expect(mailbox.post(number) == .posted) }
        #expect(mailbox.collect() == [0, 1, 2, 3, 4])
        #expect(mailbox.collect().isEmpty)
    }

    @Test func `a post wakes the loop, and collecting lets it sleep again`() throws {
        let wakeUp = try WakeUp()
        let mailbox = Mailbox<Int>(wakeUp: wakeUp)
        mailbox.post(1)
        #expect(wakeUp.wait(timeoutMilliseconds: 0) == .signalled)
        mailbox.post(2)
        _ = mailbox.collect()
        #expect(wakeUp.wait(timeoutMilliseconds: 0) == .timedOut)
    }

    @Test func `a full mailbox says so and loses nothing`() throws {
        let mailbox = Mailbox<Int>(wakeUp: try WakeUp())
        for number in 0..<Mailbox<Int>.capacity { mailbox.post(number) }
        #expect(mailbox.post(-1) == .full)
        #expect(mailbox.collect() == Array(0..<Mailbox<Int>.capacity))
        #expect(mailbox.post(1) == .posted)
    }

    @Test func `what many threads post arrives, each thread's in its order`() throws {
        let mailbox = Mailbox<(Int, Int)>(wakeUp: try WakeUp())
        let threads = try (0..<4).map { sender in
            try SystemThread.start(name: "sender") {
                for number in 0..<200 { mailbox.post((sender, number)) }
            }
        }
        for thread in threads { thread.join() }
        let messages = mailbox.collect()
        for sender in 0..<4 { #expect(messages.filter { $0.0 == sender }.map(\.1) == Array(0..<200)) }
    }
}
