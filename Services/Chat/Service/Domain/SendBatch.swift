import Contracts
import Messaging
import Primitives

/// Decides what becomes of messages sent at the same moment, from the state of their rooms as locked.
struct SendBatch {
    /// A room as its locked row says; while the batch is decided it counts what was added.
    struct RoomState {
        var orderID: Identifier
        var ownerID: Identifier
        var lastSeq: Int
        var isOpen: Bool
    }

    private struct ClientKey: Hashable {
        var orderID: Identifier
        var senderID: Identifier
        var clientMessageID: Identifier
    }

    private var rooms: [Identifier: RoomState]
    private let names: [Identifier: String]
    private var known: [ClientKey: Message] = [:]
    private let now: Timestamp
    /// The messages to store, numbered.
    private(set) var new: [Message] = []

    /// - Parameters:
    ///   - names: people as the auth service tells them; others are called what their token says.
    ///   - earlier: stored messages with a `clientMessageId` of this batch.
    init(rooms: [RoomState], names: [(Identifier, String)], earlier: [Message], now: Timestamp) {
        self.rooms = Dictionary(rooms.map { ($0.orderID, $0) }) { first, _ in first }
        self.names = Dictionary(names) { first, _ in first }
        self.now = now
        for message in earlier { remember(message) }
    }

    private mutating func remember(_ message: Message) {
        guard let clientMessageID = message.clientMessageID else { return }
        known[ClientKey(orderID: message.orderID, senderID: message.sender.id, clientMessageID: clientMessageID)] =
            message
    }

    /// Takes the next message.
    mutating func add(_ message: NewMessage) -> SentMessage {
        guard var room = rooms[message.orderID] else { return .noRoom }
        let sender = message.sender
        do throws(ServiceError) {
            try RoomAccess.requireMember(sender, ownerID: room.ownerID)
        } catch {
            return .refused(error)
        }
        if let clientMessageID = message.draft.clientMessageID,
            let first = known[
                ClientKey(orderID: room.orderID, senderID: sender.userID, clientMessageID: clientMessageID)]
        {
            return .repeated(first)
        }
        guard room.isOpen else { return .refused(RoomAccess.closed) }
        // No gap and no repeat: the number comes from the locked row and is stored in the same transaction.
        room.lastSeq += 1
        rooms[room.orderID] = room
        let stored = Message(
            id: message.id, orderID: room.orderID, seq: room.lastSeq, kind: .text,
            sender: Participant(id: sender.userID, name: names[sender.userID] ?? sender.name, role: sender.role),
            content: message.draft.content, clientMessageID: message.draft.clientMessageID, createdAt: now)
        new.append(stored)
        remember(stored)
        return .stored(stored, encoded: JSONWriter.encode(stored))
    }
}
