package import Messaging
import Primitives

extension NATSTransport {
    /// Publishes with the header `Nats-Msg-Id`, by which the stream drops repeats, and waits for its word. Another
    /// answer than that of the configured stream is `.failed`; a publish that is not permitted looks like `.timeout`.
    package func append(
        _ subject: String, id: String, _ message: Envelope, timeout: Duration
    ) async throws(TransportError) -> UInt64 {
        let subject = wire(subject)
        let answer = try await ask(timeout) { connection, reply throws(TransportError) in
            try EnvelopeCoding.withEncoded(message) { bytes throws(TransportError) in
                try connection.publish(subject, reply: reply, messageID: id, bytes)
            }
        }
        do throws(StreamAPI.Refusal) {
            let acknowledgement = try StreamAPI.read(answer.payload)
            guard acknowledgement["stream"].string == link.configuration.stream,
                let sequence = acknowledgement["seq"].integer, sequence > 0
            else { throw .refused(code: 0, text: "acknowledged by something else than the stream") }
            return UInt64(sequence)
        } catch {
            throw error.asTransportError
        }
    }
}
