package import Messaging
import Threads

extension NATSTransport {
    /// Publishes with a reply subject under the process's own inbox; `RequestTable` resumes the caller by the token at
    /// its end.
    package func request(
        _ subject: String, _ message: Envelope, timeout: Duration
    ) async throws(TransportError) -> Envelope {
        let subject = wire(subject)
        return try await ask(timeout) { connection, reply throws(TransportError) in
            try EnvelopeCoding.withEncoded(message) { bytes throws(TransportError) in
                try connection.publish(subject, reply: reply, bytes)
            }
        }
    }

    /// A request to the server itself: the subject goes without our prefix, the bytes as they are.
    func ask(
        server subject: String, _ bytes: [UInt8] = [], timeout: Duration = .seconds(2)
    ) async throws(TransportError) -> [UInt8] {
        let answer = try await ask(timeout) { connection, reply throws(TransportError) in
            try EnvelopeCoding.withEncoded(Envelope(payload: bytes)) { bytes throws(TransportError) in
                try connection.publish(subject, reply: reply, bytes)
            }
        }
        return answer.payload
    }

    /// Registers the request first, so that its answer finds it, then sends it by `send`.
    func ask(
        _ timeout: Duration, send: (NATSConnection, UnsafePointer<CChar>) throws(TransportError) -> Void
    ) async throws(TransportError) -> Envelope {
        let connection = try link.connected()
        guard let token = link.requests.begin(deadline: monotonicNow() + timeout.nanoseconds) else { throw .overloaded }
        do throws(TransportError) {
            try withReplySubject(token) { reply throws(TransportError) in try send(connection, reply) }
        } catch {
            link.requests.abandon(token)
            throw error
        }
        return try await link.requests.wait(token).get()
    }

    /// Lends the C string `<inbox><token>`, the token as sixteen hexadecimal digits; made on the stack, because it is
    /// made for every request.
    private func withReplySubject(
        _ token: UInt64, _ body: (UnsafePointer<CChar>) throws(TransportError) -> Void
    ) throws(TransportError) {
        let outcome = withUnsafeTemporaryAllocation(of: CChar.self, capacity: inbox.utf8.count + 17) { buffer in
            var end = 0
            for byte in inbox.utf8 {
                buffer[end] = CChar(bitPattern: byte)
                end += 1
            }
            for shift in stride(from: 60, through: 0, by: -4) {
                let digit = CChar(truncatingIfNeeded: (token >> UInt64(shift)) & 15)
                buffer[end] = digit < 10 ? 48 + digit : 87 + digit
                end += 1
            }
            buffer[end] = 0
            guard let start = buffer.baseAddress else {
                return Result<Void, TransportError>.failure(.failed("no memory"))
            }
            do throws(TransportError) { return .success(try body(UnsafePointer(start))) } catch {
                return .failure(error)
            }
        }
        try outcome.get()
    }

    /// The one subscription to which all answers come. The last token of the subject says whose it is.
    static func answers(of requests: RequestTable, inbox: String) -> Listener {
        let prefix = inbox.utf8.count
        return Listener(inbox + "*") { message in
            guard let subject = message.subject, let token = token(in: subject + prefix) else { return }
            if message.saysNoResponders {
                requests.finish(token, .failure(.noResponders))
            } else {
                requests.finish(token, .success(EnvelopeCoding.decode(message.bytes)))
            }
        }
    }

    /// `nil` for what is not sixteen digits as we write them: it was not sent by us.
    static func token(in digits: UnsafePointer<CChar>) -> UInt64? {
        var value: UInt64 = 0
        for place in 0..<16 {
            // The end of a shorter one is no digit, so nothing behind it is read.
            switch digits[place] {
            case 48...57: value = value << 4 | UInt64(digits[place] - 48)
            case 97...102: value = value << 4 | UInt64(digits[place] - 87)
            default: return nil
            }
        }
        return digits[16] == 0 ? value : nil
    }
}
