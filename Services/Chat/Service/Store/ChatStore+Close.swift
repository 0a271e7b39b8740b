import Contracts
import Crypto
import Messaging
import Persistence
import Postgres
import Primitives

/// A room about to be closed.
struct NewClosing: Sendable {
    /// Of the room's last message.
    var id: Identifier
    var orderID: Identifier
    var admin: Caller
    var summary: String
    /// When the client gave one.
    var idempotencyKey: String?
    var context: CallContext

    var idempotency: IdempotentRequest? {
        idempotencyKey.map { key in
            let asked = Array("\(orderID) \(summary)".utf8)
            return IdempotentRequest(userID: admin.userID, key: key, fingerprint: Array(SHA256.hash(data: asked)))
        }
    }
}

/// What became of it.
enum ClosedRoom: Sendable {
    case closed(answer: [UInt8], summary: Message)
    case replayed(answer: [UInt8])
    case noRoom
}

extension ChatStore {
    /// Closes a room: its last message, its state and the event that moves the order are one transaction.
    /// - Throws: `room-closed`, and the errors of `Idempotency-Key`.
    func close(_ closing: NewClosing) async throws -> ClosedRoom {
        do {
            return try await database.withTransaction(telling: outbox) { session, events in
                try Self.close(closing, session, events)
            }
        } catch let unknown as DatabaseError where unknown.kind == .unknownOutcome {
            try await database.awaitEnd(of: unknown, telling: outbox)
            guard let summary = try await stored([closing.id]).first,
                let room = try await room(closing.orderID, for: closing.admin.userID)
            else { throw unknown }
            return .closed(answer: JSONWriter.encode(room), summary: summary)
        }
    }

    private static func close(_ closing: NewClosing, _ session: DatabaseSession, _ events: OutboxEvents) throws
        -> ClosedRoom
    {
        let now = Timestamp.now()
        let request = closing.idempotency
        if let request {
            let lookups = try session.pipeline(Idempotency.lookUp([request], now: now))
            switch try Idempotency.decide([request], locks: lookups[0], stored: lookups[1]).first {
            case .replay(_, let answer): return .replayed(answer: answer)
            case .refuse(let error): throw error
            case .first, nil: break
            }
        }
        let (orderID, admin) = (closing.orderID, closing.admin)
        guard
            let row = try session.first(
                "select last_seq, closed_at is null from rooms where order_id = \(orderID) for update")
        else {
            return .noRoom
        }
        let (lastSeq, isOpen) = try row.decode(Int.self, Bool.self)
        guard isOpen else { throw RoomAccess.closed }
        let name =
            try session.first("select name from people where id = \(admin.userID)")?[0, as: String.self] ?? admin.name
        let closer = Participant(id: admin.userID, name: name, role: admin.role)
        let summary = Message(
            id: closing.id, orderID: orderID, seq: lastSeq + 1, kind: .summary, sender: closer,
            content: closing.summary,
            clientMessageID: nil, createdAt: now)
        try events.add(
            Chat.RoomClosed(orderID: orderID, closedBy: closer, closedAt: now, seq: summary.seq), key: orderID,
            context: closing.context)
        try session.pipeline([
            People.remember([(closer.id, closer.name)]), store([summary]),
            """
            update rooms set summary = \(closing.summary), closed_at = \(now), closed_by = \(closer.id),
                closed_by_role = \(closer.role)
            where order_id = \(orderID)
            """,
        ])
        guard let room = try room(orderID, for: admin.userID, session) else { return .noRoom }
        let answer = JSONWriter.encode(room)
        if let request {
            try session.execute(Idempotency.remember([(request, orderID, answer)], now: now))
        }
        return .closed(answer: answer, summary: summary)
    }
}
