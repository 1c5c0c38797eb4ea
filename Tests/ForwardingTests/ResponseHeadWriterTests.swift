import Filters
import HTTPModel
import Kernel
import Testing

@testable import Forwarding

@Suite struct ResponseHeadWriterTests {
    @Test func `an answer, to the byte`() {
        let response = """
            HTTP/1.1 200 Very well\r
            Server:s\r
            Set-Cookie: a\r
            Set-Cookie: b\r
            Connection: keep-alive, X-Hop\r
            Keep-Alive: timeout=1\r
            X-Hop: 1\r
            X-Request-Id: theirs\r
            Via: 1.1 inner\r
            Content-Length: 3\r
            \r\n
            """
        #expect(
            Answered(response).write().head == """
                HTTP/1.1 200 Very well\r
                Server: s\r
                Set-Cookie: a\r
                Set-Cookie: b\r
                Via: 1.1 inner\r
                Content-Length: 3\r
                Date: Sun, 06 Nov 1994 08:49:37 GMT\r
                Via: 1.1 martlet\r
                X-Request-Id: id\r
                \r\n
                """)
    }

    @Test func `an answer without a length goes out in chunks of ours`() {
        var answered = Answered(
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\nDate: theirs\r\n\r\n")
        answered.announcesChunks = true
        #expect(
            answered.write().head == """
                HTTP/1.1 200 OK\r
                Trailer: X-Sum\r
                Date: theirs\r
                Via: 1.1 martlet\r
                X-Request-Id: id\r
                Transfer-Encoding: chunked\r
                \r\n
                """)
        answered.announcesChunks = false
        #expect(!answered.write().head.contains("Trailer"))
        #expect(!answered.write().head.contains("chunked"))
    }

    @Test(arguments: [
        (ConnectionNotice.none, ""), (.close, "Connection: close\r\n"), (.keepAlive, "Connection: keep-alive\r\n"),
    ])
    func `the connection's fate is told by us alone`(notice: ConnectionNotice, line: String) {
        var answered = Answered("HTTP/1.0 200\r\nConnection: keep-alive\r\nProxy-Connection: x\r\nUpgrade: h2c\r\n\r\n")
        answered.notice = notice
        #expect(
            answered.write().head
                == "HTTP/1.1 200 \r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\nVia: 1.0 martlet\r\nX-Request-Id: id\r\n\(line)\r\n"
        )
    }

    @Test(arguments: [(204, false), (200, true), (304, true), (404, true)])
    func `a status that can have no content has no length`(status: Int, hasLength: Bool) {
        let head = Answered("HTTP/1.1 \(status) x\r\nContent-Length: 7\r\n\r\n").write().head
        #expect(head.contains("Content-Length: 7\r\n") == hasLength)
    }

    @Test func `a length told to HEAD is passed on`() {
        var answered = Answered("HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n")
        answered.toHead = true
        #expect(answered.write().head.contains("Content-Length: 7\r\n"))
    }

    @Test func `edits replace, remove and add`() {
        var answered = Answered("HTTP/1.1 200 OK\r\nServer: s\r\nX-A: 1\r\nx-a: 2\r\nX-B: 3\r\nDate: theirs\r\n\r\n")
        answered.edits.set("X-A", to: "mine")
        answered.edits.remove("server")
        answered.edits.remove("Date")
        answered.edits.remove("Via")
        answered.edits.set("X-New", to: "n")
        #expect(
            answered.write().head == "HTTP/1.1 200 OK\r\nX-B: 3\r\nX-A: mine\r\nX-New: n\r\nX-Request-Id: id\r\n\r\n")
    }

    @Test func `an interim answer carries its fields and nothing of ours`() {
        let response = "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\nContent-Length: 3\r\nConnection: x\r\nX: y\r\n\r\n"
        #expect(Answered(response).write(isInterim: true).head == "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n")
    }

    @Test func `the most lines without a space behind the colon stay within the bound`() {
        var answered = Answered("HTTP/1.1 200\r\n\(String(repeating: "a:\r\n", count: 256))\r\n")
        answered.announcesChunks = true
        answered.notice = .keepAlive
        answered.requestID = String(repeating: "i", count: 128)
        answered.edits.set("N", to: "v")
        let (head, bytesMax) = answered.write()
        #expect(head.utf8.count <= bytesMax)
    }
}

@Suite struct LocalAnswerWriterTests {
    private func text(_ buffer: borrowing ByteBuffer) -> String { ByteText.string(buffer.readable) }

    private func head(_ status: Int, length: Int, notice: ConnectionNotice = .none, id: String = "", date: String = "")
        -> String
    {
        var out = ByteBuffer(capacity: LocalAnswerWriter.headBytesMax)
        var idBuffer = ByteBuffer(capacity: 128)
        idBuffer.append(Array(id.utf8))
        var dateBuffer = ByteBuffer(capacity: 32)
        dateBuffer.append(Array(date.utf8))
        LocalAnswerWriter.startHead(
            status: status, reason: "Because", requestID: idBuffer, date: dateBuffer, into: &out)
        LocalAnswerWriter.finishHead(status: status, contentLength: length, notice: notice, into: &out)
        return text(out)
    }

    @Test func `a head of ours, to the byte`() {
        #expect(head(404, length: 12) == "HTTP/1.1 404 Because\r\nServer: martlet\r\nContent-Length: 12\r\n\r\n")
        #expect(
            head(503, length: 0, notice: .close, id: "i", date: "d")
                == "HTTP/1.1 503 Because\r\nServer: martlet\r\nDate: d\r\nX-Request-Id: i\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        )
    }

    @Test(arguments: [204, 304, 100])
    func `a status without content has no length`(status: Int) {
        #expect(!head(status, length: 5).contains("Content-Length"))
    }

    @Test(arguments: GatewayError.allCases)
    func `a problem fits its room and says what, where and why`(error: GatewayError) {
        var out = ByteBuffer(capacity: 4_096)
        let id = [UInt8](repeating: 0x69, count: 128)
        LocalAnswerWriter.appendProblem(error, detail: error.detail, requestID: id.span, into: &out)
        let problem = text(out)
        #expect(problem.utf8.count <= LocalAnswerWriter.problemBytesMax)
        #expect(
            problem.hasPrefix(
                "{\"type\":\"urn:martlet:problem:\(error.word)\",\"title\":\"\(error.title)\",\"status\":\(error.status),"
            ))
        #expect(
            problem.hasSuffix(
                "\"stage\":\"\(error.stage.word)\",\"requestId\":\"\(String(decoding: id, as: UTF8.self))\"}\n"))
        #expect("\(error.detail)".hasSuffix(".") || "\(error.detail)".contains("; "))
        #expect(!"\(error.detail)".contains("\""))
    }
}
