import Foundation
import Kernel
import TLS
import Testing

/// A run of `openssl s_client` against a server session of ours: it sends a line, gets it back in upper case, and the server closes.
struct ServedPartner {
    /// What the command wrote, both ways.
    var output = ""
    var status: Int32 = -1
    /// How the server's handshake ended.
    var handshake = TLSSession.HandshakeOutcome.wouldBlock
    var entry = -1
    var isResumed = false
    var peer: PeerCertificate?
    /// How the server's session ended, once the client was heard.
    var lastOutcome = ReceiveOutcome.wouldBlock
    var failure: TLSFailure?
    var heard = ""

    /// `steps` is what the command reads: a letter is one of its own commands, and the next step waits until it has said `echo` to it.
    /// The server answers what ends with `hello`, in capitals, and then closes; otherwise it listens on.
    init(
        _ context: TLSServerContext, arguments: [String], steps: [String] = ["hello\n"], echo: String = ""
    ) throws {
        let address = try #require(SocketAddress(literal: "127.0.0.1", port: 0))
        let listener = try ListeningSocket.listen(on: address, backlog: 16, sharedPort: false)
        let command = RunningCommand(
            ["openssl", "s_client", "-connect", listener.address.text, "-CAfile", "ca.pem"] + arguments,
            in: CertificateWorkshop.shared.folder)
        if steps.count == 1 { command.write(steps[0]) }
        let socket = try accept(from: listener)
        serve(socket, context) { round in
            guard steps.count > 1, round < steps.count else { return round }
            guard round == 0 || command.said().components(separatedBy: echo).count > round else { return round }
            command.write(steps[round])
            return round + 1
        }
        output = command.finish()
        status = command.status
    }

    private mutating func serve(_ socket: consuming TCPSocket, _ context: TLSServerContext, _ speak: (Int) -> Int) {
        let session = context.makeSession(socket)
        for _ in 0..<Patience.turns {
            handshake = session.handshake()
            if handshake != .wouldBlock { break }
            Patience.wait()
        }
        entry = session.entry
        isResumed = session.isResumed
        peer = session.peerCertificate()
        failure = session.failure
        guard handshake == .done else { return }
        var round = 0
        while true {
            var buffer = ByteBuffer(capacity: 4_096)
            for _ in 0..<Patience.turns {
                round = speak(round)
                lastOutcome = session.receive(into: &buffer, atMost: 4_096)
                if lastOutcome != .wouldBlock { break }
                Patience.wait()
            }
            heard += text(buffer.readable)
            failure = session.failure
            guard case .received = lastOutcome else { return }
            guard heard.hasSuffix("hello\n") else { continue }
            _ = session.send(Array(heard.uppercased().utf8).span)
            session.finishSending()
            socket.finishSending()
            return
        }
    }
}

/// A command that runs beside the test.
final class RunningCommand {
    private let process = Process()
    private let input = Pipe()
    private let output = Pipe()

    init(_ arguments: [String], in folder: String) {
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = arguments
        process.currentDirectoryURL = URL(fileURLWithPath: folder)
        process.standardInput = input
        process.standardOutput = output
        process.standardError = output
        do { try process.run() } catch { Issue.record("\(arguments): \(error)") }
    }

    private var heard = Data()

    var status: Int32 { process.terminationStatus }

    /// What it has written so far.
    func said() -> String {
        let descriptor = output.fileHandleForReading.fileDescriptor
        var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        while poll(&waiting, 1, 0) > 0, waiting.revents & Int16(POLLIN) != 0 {
            let more = output.fileHandleForReading.availableData
            if more.isEmpty { break }
            heard += more
        }
        return String(decoding: heard, as: UTF8.self)
    }

    func write(_ text: String) {
        input.fileHandleForWriting.write(Data(text.utf8))
    }

    /// Reads until a line that contains the text.
    func line(with text: String) -> String {
        var line = Data()
        while let octet = try? output.fileHandleForReading.read(upToCount: 1), !octet.isEmpty {
            if octet[0] == 0x0A {
                let whole = String(decoding: line, as: UTF8.self)
                if whole.contains(text) { return whole }
                line = Data()
            } else {
                line += octet
            }
        }
        return ""
    }

    /// Closes its input, lets it end by itself, and returns what it wrote.
    func finish() -> String {
        try? input.fileHandleForWriting.close()
        let said = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return String(decoding: heard + said, as: UTF8.self)
    }

    /// Ends it. Foundation starts processes with signals blocked, so a polite one would not arrive.
    func end() {
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }
}
