import Foundation
package import HTTPTypes
package import NIOCore
import Synchronization

/// The head of a response as it goes over the wire (RFC 9112 §4), and how the end of its body is told.
package struct ResponseHead {
    /// How the client finds the end of the body.
    package enum Framing: Sendable, Equatable {
        /// No body, whatever the fields say: the answer to `HEAD`, 1xx, 204, 304.
        case none
        case counted
        case chunked
        /// HTTP/1.0 without a length: the end of the connection.
        case untilClose
    }

    /// For a status that was made of its number alone.
    private static let phrases: [Int: String] = {
        let known: [HTTPResponse.Status] = [
            .badRequest, .unauthorized, .forbidden, .notFound, .methodNotAllowed, .notAcceptable, .requestTimeout,
            .conflict, .gone, .preconditionFailed, .contentTooLarge, .uriTooLong, .unsupportedMediaType,
            .expectationFailed, .unprocessableContent, .tooManyRequests, .requestHeaderFieldsTooLarge,
            .internalServerError, .notImplemented, .badGateway, .serviceUnavailable, .gatewayTimeout,
        ]
        return Dictionary(uniqueKeysWithValues: known.map { ($0.code, $0.reasonPhrase) })
    }()

    /// Decides how the body is written, and whether it is written at all.
    package let framing: Framing
    private let response: HTTPResponse
    private let request: RequestHead?
    private let closes: Bool

    /// - Parameters:
    ///   - request: what is answered; `nil` when it could not be read.
    ///   - closes: whether the connection ends with this answer.
    package init(_ response: HTTPResponse, to request: RequestHead?, closes: Bool) {
        self.response = response
        self.request = request
        let status = response.status.code
        let hasLength = response.headerFields[.contentLength] != nil
        if request?.request.method == .head || status < 200 || status == 204 || status == 304 {
            framing = .none
        } else if hasLength {
            framing = .counted
        } else {
            framing = request?.isVersion10 ?? true ? .untilClose : .chunked
        }
        self.closes = closes || framing == .untilClose
    }

    /// Whether the connection must end with the answer.
    package var endsConnection: Bool { closes }

    /// Appends status line and fields with the empty line behind them; `Date`, `Connection` and `Transfer-Encoding` are
    /// added here.
    package func write(to buffer: inout ByteBuffer) {
        let status = response.status
        buffer.writeStaticString("HTTP/1.1 ")
        buffer.writeString(String(status.code))
        buffer.writeStaticString(" ")
        buffer.writeString(status.reasonPhrase.isEmpty ? Self.phrases[status.code] ?? "" : status.reasonPhrase)
        buffer.writeStaticString("\r\n")
        // What a 204 has beside it would be read as the next answer's beginning by some.
        let dropsLength = status.code < 200 || status.code == 204 || status.code == 304
        for field in response.headerFields {
            switch field.name {
            case .connection, .transferEncoding: continue
            case .contentLength where dropsLength: continue
            default: Self.write(field.name.rawName, field.value, to: &buffer)
            }
        }
        if framing == .chunked { buffer.writeStaticString("Transfer-Encoding: chunked\r\n") }
        if status.code >= 200 { Self.write("Date", HTTPDate.now(), to: &buffer) }
        if status.code == 101 {
            buffer.writeStaticString("Connection: Upgrade\r\n")
        } else if closes {
            buffer.writeStaticString("Connection: close\r\n")
        } else if request?.isVersion10 ?? false {
            buffer.writeStaticString("Connection: keep-alive\r\n")
        }
        buffer.writeStaticString("\r\n")
    }

    private static func write(_ name: String, _ value: String, to buffer: inout ByteBuffer) {
        buffer.writeString(name)
        buffer.writeStaticString(": ")
        buffer.writeString(value)
        buffer.writeStaticString("\r\n")
    }
}

/// The time as `Date` has it (RFC 9110 §5.6.7), made once a second.
enum HTTPDate {
    private static let last = Mutex<(second: time_t, text: String)>((0, ""))
    private static let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    static func now() -> String {
        let second = time(nil)
        return last.withLock { last in
            if last.second != second { last = (second, text(second)) }
            return last.text
        }
    }

    static func text(_ second: time_t) -> String {
        var second = second
        var parts = tm()
        gmtime_r(&second, &parts)
        func two(_ number: Int32) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return
            "\(days[Int(parts.tm_wday)]), \(two(parts.tm_mday)) \(months[Int(parts.tm_mon)]) \(parts.tm_year + 1900) "
            + "\(two(parts.tm_hour)):\(two(parts.tm_min)):\(two(parts.tm_sec)) GMT"
    }
}
