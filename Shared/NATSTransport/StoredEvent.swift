import CNats
import Messaging

/// An event with what the server says of it in headers: in what it republishes, and in its answer to `DIRECT.GET`
/// (https://docs.nats.io/reference/reference-protocols/nats_api_reference).
struct StoredEvent: Sendable {
    var event: StreamEvent
    /// `Nats-Msg-Id`, which tells two events of one position apart; empty when it was published without.
    var id: String

    var sequence: UInt64 { event.sequence }

    /// `nil` for a message that the server has not said this of.
    /// - Parameter cut: bytes to cut from the front of the subject.
    init?(_ message: IncomingMessage, cut: Int) {
        guard let sequence = message.header("Nats-Sequence").flatMap({ UInt64($0) }), sequence < UInt64(Int64.max),
            let subject = message.header("Nats-Subject")
        else { return nil }
        event = StreamEvent(
            subject: String(decoding: subject.utf8.dropFirst(cut), as: UTF8.self),
            message: EnvelopeCoding.decode(message.bytes), sequence: sequence, delivery: 1)
        id = message.header("Nats-Msg-Id") ?? ""
    }
}
