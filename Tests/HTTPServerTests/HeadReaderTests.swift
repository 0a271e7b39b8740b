import HTTPTypes
import NIOCore
import Testing

@testable import HTTPServer

struct HeadReaderTests {
    private func read(_ text: String, size: Int = .max) -> (step: HeadReader.Step, rest: String) {
        read(Array(text.utf8), size: size)
    }

    private func read(_ bytes: [UInt8], size: Int) -> (step: HeadReader.Step, rest: String) {
        var reader = HeadReader()
        var buffer = ByteBuffer()
        var rest = bytes[...]
        repeat {
            buffer.writeBytes(rest.prefix(size))
            rest = rest.dropFirst(size)
            let step = reader.read(from: &buffer)
            if step != .needsMore { return (step, String(buffer: buffer) + String(decoding: rest, as: UTF8.self)) }
        } while !rest.isEmpty
        return (.needsMore, String(buffer: buffer))
    }

    private func head(_ fields: String = "", line: String = "GET /x HTTP/1.1", host: String = "Host: h\r\n") -> String {
        "\(line)\r\n\(host)\(fields)\r\n"
    }

    private func good(_ text: String, _ test: (RequestHead) -> Bool, _ location: SourceLocation = #_sourceLocation) {
        guard case .head(let head) = read(text).step else {
            Issue.record("refused: \(text)", sourceLocation: location)
            return
        }
        #expect(test(head), "\(head)", sourceLocation: location)
    }

    @Test("A head is read however its bytes are cut, and what stands behind it is left", arguments: [1, 2, 3, 7, 1000])
    func cut(size: Int) throws {
        let text =
            "\r\nPOST /a?b=c HTTP/1.1\r\nhost: Example:80\r\nX-A:  one two\t\r\nContent-Length: 007\r\nx-a:\r\n\r\nGET /"
        let (step, rest) = read(text, size: size)
        guard case .head(let head) = step else {
            Issue.record("\(step)")
            return
        }
        #expect(rest == "GET /")
        #expect(head.request.method == .post && head.request.path == "/a?b=c")
        #expect(head.request.authority == "Example:80" && head.request.scheme == "http")
        let name = try #require(HTTPField.Name("X-A"))
        #expect(head.request.headerFields[values: name] == ["one two", ""])
        #expect(head.request.headerFields[.init("Host") ?? name] == nil)
        #expect(head.framing == .length(7) && head.keepsAlive && !head.isVersion10)
    }

    @Test("A target is a path, a whole address, or the server")
    func targets() {
        good(head(line: "GET http://a.b:8/c?d HTTP/1.1")) {
            $0.request.path == "/c?d" && $0.request.authority == "a.b:8" && $0.request.scheme == "http"
        }
        good(head(line: "GET HTTPS://a?d HTTP/1.1")) { $0.request.path == "/?d" && $0.request.scheme == "https" }
        good(head(line: "GET http://[::1] HTTP/1.1")) { $0.request.path == "/" && $0.request.authority == "[::1]" }
        good(head(line: "OPTIONS * HTTP/1.1")) { $0.request.path == "*" }
        good(head(line: "b~z! // HTTP/1.7")) { $0.request.method.rawValue == "b~z!" && $0.request.path == "//" }
    }

    @Test("Whether a connection goes on is what version and options say")
    func persistence() {
        let table: [(version: String, connection: String, keeps: Bool)] = [
            ("1.1", "", true), ("1.1", "Connection: close\r\n", false), ("1.1", "Connection: a, CLOSE ,b\r\n", false),
            ("1.1", "Connection: keep-alive\r\nConnection: Close\r\n", false), ("1.1", "Connection: closed\r\n", true),
            ("1.0", "", false), ("1.0", "Connection: Keep-Alive\r\n", true),
            ("1.0", "Connection: keep-alive,close\r\n", false), ("1.0", "Connection: x\r\n", false),
        ]
        for (version, connection, keeps) in table {
            good(head(connection, line: "GET / HTTP/\(version)")) { $0.keepsAlive == keeps }
        }
        good(head("Connection: a,\tUpGrade\r\n")) { $0.asksUpgrade }
        good(head("Upgrade: websocket\r\n")) { !$0.asksUpgrade }
        good(head("Connection: upgrade\r\n", line: "GET / HTTP/1.0")) { !$0.asksUpgrade }
        good(head("Expect: 100-Continue\r\nContent-Length: 1\r\n")) { $0.awaitsContinue }
        good(head("Expect: 100-continue\r\n")) { !$0.awaitsContinue }
        good(head("Expect: 100-continue\r\nContent-Length: 1\r\n", line: "GET / HTTP/1.0")) { !$0.awaitsContinue }
        good(head("Expect: tea\r\n", line: "GET / HTTP/1.0")) { !$0.awaitsContinue }
        good(head("Transfer-Encoding: CHUNKED\r\n")) { $0.framing == .chunked }
        good(head("Content-Length: 9223372036854775807\r\n")) { $0.framing == .length(.max) }
        good(head("Content-Length: 0\r\n")) { $0.framing == .none }
    }

    @Test("What can be framed in two ways is refused, and so is what the grammar does not have")
    func malformed() {
        let fields = [
            "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n",
            "Transfer-Encoding: chunked\r\nContent-Length: 0\r\n",
            "Content-Length: 1\r\nContent-Length: 1\r\n", "Content-Length: +1\r\n", "Content-Length: 1,1\r\n",
            "Content-Length: 9223372036854775808\r\n", "Content-Length:\r\n", "Transfer-Encoding: gzip, chunked\r\n",
            "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", "Transfer-Encoding:\r\n", "Host: h\r\n",
            "X : y\r\n", "X\r\n", ": y\r\n", " X: y\r\n", "X: y\r\n z\r\n", "X: \u{0}\r\n", "X: a\rb\r\n", "X: y\n",
            "\n",
        ]
        for field in fields { #expect(read(head(field)).step == .refused(.malformed), "\(field)") }
        let hosts = [
            "", "Host:\r\n", "Host: a b\r\n", "Host: a,b\r\n", "Host: a@b\r\n", "Host: a:1:2\r\n", "Host: [1]\r\n",
        ]
        for host in hosts { #expect(read(head(host: host)).step == .refused(.malformed), "\(host)") }
        let lines = [
            "GET /", "GET / HTTP/2.0", "GET / HTTP/1.", "GET / http/1.1", "GET  / HTTP/1.1", "GET /  HTTP/1.1",
            "GET\t/\tHTTP/1.1", " GET / HTTP/1.1", "G(T / HTTP/1.1", "GET * HTTP/1.1", "GET x HTTP/1.1",
            "GET /a#b HTTP/1.1", "GET /\u{E9} HTTP/1.1", "GET http:///a HTTP/1.1", "GET ftp://a/b HTTP/1.1",
            "GET http://a@b/ HTTP/1.1",
        ]
        for line in lines { #expect(read(head(line: line)).step == .refused(.malformed), "\(line)") }
        #expect(read(head("Transfer-Encoding: chunked\r\n", line: "POST / HTTP/1.0")).step == .refused(.malformed))
        #expect(read(head("Expect: tea\r\n")).step == .refused(.expectationFailed))
        #expect(read(head(line: "CONNECT a:1 HTTP/1.1")).step == .refused(.tunnelAsked))
    }

    @Test("No more is kept of a line than a line may have")
    func limits() {
        let long = String(repeating: "x", count: 20_000)
        #expect(read("GET /\(long)").step == .refused(.targetTooLong))
        #expect(read(head(line: "GET /\(long) HTTP/1.1")).step == .refused(.targetTooLong))
        #expect(read(long).step == .refused(.malformed))
        #expect(read("GET / HTTP/1.1\r\nX: \(long)").step == .refused(.fieldsTooLarge))
        #expect(read(head("X: \(long)\r\n")).step == .refused(.fieldsTooLarge))
        #expect(read(head(String(repeating: "X: y\r\n", count: 100))).step == .refused(.fieldsTooLarge))
        #expect(
            read(head(String(repeating: "X: \(long.prefix(1000))\r\n", count: 33))).step == .refused(.fieldsTooLarge))
        #expect(read(String(repeating: "\r\n", count: 9)).step == .refused(.malformed))
        #expect(read("\u{16}").step == .refused(.malformed), "A TLS greeting is not waited for")
        #expect(read("").step == .needsMore && read("\r").step == .needsMore && read("GE").step == .needsMore)
    }
}

struct BodyReaderTests {
    private func read(_ framing: RequestHead.Framing, _ text: String, size: Int) -> (body: String?, rest: String) {
        var reader = BodyReader(framing)
        var buffer = ByteBuffer()
        var body = ""
        var rest = Array(text.utf8)[...]
        repeat {
            buffer.writeBytes(rest.prefix(size))
            rest = rest.dropFirst(size)
            do throws(Refusal) {
                while let piece = try reader.next(from: &buffer) { body += String(buffer: piece) }
            } catch {
                return (nil, "refused")
            }
        } while !rest.isEmpty && !reader.isComplete
        guard reader.isComplete else { return (nil, "unfinished") }
        return (body, String(buffer: buffer) + String(decoding: rest, as: UTF8.self))
    }

    @Test("A body ends where it says, however its bytes are cut", arguments: [1, 2, 5, 1000])
    func good(size: Int) {
        let table: [(RequestHead.Framing, String, String)] = [
            (.none, "GET", ""), (.length(3), "abcGET", "abc"), (.chunked, "0\r\n\r\nGET", ""),
            (.chunked, "3\r\nabc\r\n0A;x=\"y\"\r\n0123456789\r\n000;z\r\nA: b\r\nC:\r\n\r\nGET", "abc0123456789"),
            (.chunked, "f\r\n012345678901234\r\n0\r\n\r\nGET", "012345678901234"),
        ]
        for (framing, text, body) in table {
            let outcome = read(framing, text, size: size)
            #expect(outcome.body == body && outcome.rest == "GET", "\(text)")
        }
    }

    @Test("Chunks that are spelled otherwise than the grammar has it are refused", arguments: [1, 1000])
    func bad(size: Int) {
        let long = String(repeating: "x", count: 9000)
        let texts = [
            "\r\n", "x\r\n", "-1\r\n", "+1\r\n", "0x1\r\n", "1 \r\n", " 1\r\n", "1\n", "1\rx", "000000001\r\n",
            "1\r\nab",
            "1\r\na\n", "1\r\na\rx", "2\r\na\r\n0", "1;\u{0}\r\n", "1,\r\n", "1;\(long)", "0\r\n\n", "0\r\nX\r\n",
            "0\r\n x: y\r\n", "0\r\nX: \(long)\r\n", "0\r\n" + String(repeating: "X: y\r\n", count: 2000),
        ]
        for text in texts {
            let outcome = read(.chunked, text + "\r\n0\r\n\r\n", size: size)
            #expect(outcome.body == nil && outcome.rest == "refused", "\(text.prefix(40)) \(outcome)")
        }
    }
}
