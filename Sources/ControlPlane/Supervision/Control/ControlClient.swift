internal import Kernel

/// A command to a running gateway.
public enum ControlClient {
    /// The commands there are.
    public enum Command: String, Sendable {
        case reload
        case drain
    }

    /// What came of it.
    public enum Outcome: Sendable, Equatable {
        /// Done; the text says what.
        case done(String)
        /// Refused; the text says why.
        case refused(String)
        /// No gateway answers for this configuration.
        case nobody(String)
    }

    /// A reload of the largest file takes seconds; a process that hangs must not hang its operator.
    private static let timeoutMilliseconds = 120_000

    /// Sends the command to the gateway that runs on this file.
    public static func send(_ command: Command, configuration path: String) -> Outcome {
        let socket: ControlSocketPath
        do throws(SystemError) {
            socket = try ControlSocketPath.of(configuration: path)
        } catch {
            return .nobody("\(path): \(error)")
        }
        let request = Array(
            "POST /\(command.rawValue) HTTP/1.1\r\nHost: martlet\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".utf8
        )
        for candidate in socket.candidates {
            do throws(SystemError) {
                let answer = try UnixClient.ask(
                    path: candidate, request, timeoutMilliseconds: timeoutMilliseconds)
                return outcome(answer, command)
            } catch {
                // Not there, nobody listens, not ours: the next place.
                continue
            }
        }
        return .nobody("no gateway answers for \(path): is `martlet run --config \(path)` running, under this user?")
    }

    /// Reads an answer of our own gateway: a status line, fields, a body of known length.
    static func outcome(_ answer: [UInt8], _ command: Command) -> Outcome {
        let text = String(decoding: answer, as: UTF8.self)
        guard let end = text.utf8.firstRange(of: Array("\r\n\r\n".utf8)) else {
            return .nobody("the gateway gave no answer to \(command.rawValue)")
        }
        let body = String(text.utf8[end.upperBound...]) ?? ""
        let status = text.split(separator: " ", maxSplits: 2).dropFirst().first.flatMap { Int($0) } ?? 0
        return (200..<300).contains(status) ? .done(body) : .refused(body)
    }
}

extension Collection where Element: Equatable {
    /// Where a run of elements first stands.
    fileprivate func firstRange(of run: [Element]) -> Range<Index>? {
        var start = startIndex
        while start != endIndex {
            let rest = self[start...]
            if rest.starts(with: run) { return start..<rest.index(start, offsetBy: run.count) }
            start = index(after: start)
        }
        return nil
    }
}
