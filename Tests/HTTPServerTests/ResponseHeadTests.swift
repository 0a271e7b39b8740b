import HTTPTypes
import NIOCore
import Testing

@testable import HTTPServer

struct ResponseHeadTests {
    private func request(_ method: HTTPRequest.Method = .get, isVersion10: Bool = false) -> RequestHead {
        var head = RequestHead(request: HTTPRequest(method: method, scheme: "http", authority: "h", path: "/"))
        head.isVersion10 = isVersion10
        return head
    }

    private func lines(_ head: ResponseHead) -> [String] {
        var buffer = ByteBuffer()
        head.write(to: &buffer)
        return String(buffer: buffer).components(by: "\r\n").filter { !$0.hasPrefix("Date: ") }
    }

    @Test("The end of a body is told so that the client can find it")
    func framing() {
        let known: HTTPFields = [.contentLength: "3"]
        let table: [(HTTPResponse.Status, HTTPFields, RequestHead?, ResponseHead.Framing)] = [
            (.ok, known, request(), .counted), (.ok, [:], request(), .chunked),
            (.ok, [:], request(isVersion10: true), .untilClose), (.ok, known, request(.head), .none),
            (.ok, [:], request(.head), .none), (.notFound, known, request(.head), .none),
            (.noContent, known, request(), .none), (.notModified, known, request(), .none),
            (.badRequest, known, nil, .counted),
        ]
        for (status, fields, request, framing) in table {
            let head = ResponseHead(HTTPResponse(status: status, headerFields: fields), to: request, closes: false)
            #expect(head.framing == framing, "\(status) \(fields)")
            #expect(head.endsConnection == (framing == .untilClose))
        }
    }

    @Test("Connection says what becomes of the connection, and no one else does")
    func connection() {
        let answer = HTTPResponse(
            status: .ok, headerFields: [.connection: "x", .transferEncoding: "gzip", .contentLength: "0", .eTag: "a"])
        #expect(
            lines(ResponseHead(answer, to: request(), closes: false))
                == ["HTTP/1.1 200 OK", "Content-Length: 0", "ETag: a", "", ""])
        #expect(
            lines(ResponseHead(answer, to: request(), closes: true))
                == ["HTTP/1.1 200 OK", "Content-Length: 0", "ETag: a", "Connection: close", "", ""])
        #expect(
            lines(ResponseHead(answer, to: request(isVersion10: true), closes: false))
                == ["HTTP/1.1 200 OK", "Content-Length: 0", "ETag: a", "Connection: keep-alive", "", ""])
        #expect(
            lines(
                ResponseHead(
                    HTTPResponse(status: .noContent, headerFields: [.contentLength: "0"]), to: request(), closes: false)
            )
                == ["HTTP/1.1 204 No Content", "", ""])
        #expect(
            lines(ResponseHead(HTTPResponse(status: .ok), to: request(), closes: false))
                == ["HTTP/1.1 200 OK", "Transfer-Encoding: chunked", "", ""])
    }

    @Test("A status made of its number alone is named")
    func phrase() {
        let answer = HTTPResponse(status: HTTPResponse.Status(code: 422), headerFields: [.contentLength: "0"])
        let first = lines(ResponseHead(answer, to: request(), closes: false)).first
        #expect(first == "HTTP/1.1 422 Unprocessable Content")
    }

    @Test("A date is spelled as RFC 9110 has it")
    func date() {
        #expect(HTTPDate.text(784_111_777) == "Sun, 06 Nov 1994 08:49:37 GMT")
        #expect(HTTPDate.text(0) == "Thu, 01 Jan 1970 00:00:00 GMT")
    }
}

extension String {
    fileprivate func components(by separator: String) -> [String] {
        split(separator: separator, omittingEmptySubsequences: false).map(String.init)
    }
}
