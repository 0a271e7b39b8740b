import Contracts
import Logging
import Messaging
import Primitives

/// Tells the gateways what happens in rooms, after the commit. At most once: a gateway that misses a signal asks for
/// what it lacks.
struct LiveRooms: Sendable {
    let transport: any Transport
    let logger: Logger

    func tell(_ message: Message, encoded: [UInt8]) {
        let kind: RoomSignal.Kind = message.kind == .summary ? .closingMessage : .newMessage
        tell(
            RoomSignal(
                kind: kind, orderID: message.orderID, seq: message.seq, messageID: message.id, data: encoded))
    }

    func tell(_ read: MessagesRead) {
        tell(RoomSignal(kind: .messagesRead, orderID: read.orderID, seq: read.seq, data: JSONWriter.encode(read)))
    }

    private func tell(_ signal: RoomSignal) {
        do {
            try transport.publish(signal.subject, signal.envelope)
        } catch {
            logger.debug("live signal lost", metadata: ["order.id": "\(signal.orderID)", "error": "\(error)"])
        }
    }
}
