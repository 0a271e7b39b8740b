import Contracts
import Postgres
import Primitives

/// Which part of a room's messages is the next page of its transcript.
struct TranscriptWindow: Sendable {
    /// Messages of a page at most.
    static let limit = 500
    /// Their contents together, in bytes, but for one that is larger by itself. In JSON, where a character may take six
    /// times as much, a page of both bounds is still below that of lists (`PageBudget`).
    static let contentBytes = 80 * 1024

    /// The last `seq` of the page before; 0 for the first.
    var after: Int
    /// The last `seq` that is wanted.
    var upTo: Int
}

extension ChatStore {
    /// The messages of a page, ascending by `seq`.
    ///
    /// The sizes are added up in the database: what does not fit into the page is not read.
    func transcript(_ orderID: Identifier, _ window: TranscriptWindow) async throws -> [Message] {
        try await database.withConnection(idempotent: true) { session in
            try session.execute(
                """
                select \(sql: MessageRow.columns) from (
                    select *, sum(octet_length(content)) over (order by seq) as size from (
                        select * from messages
                        where order_id = \(orderID) and seq > \(window.after) and seq <= \(window.upTo)
                        order by seq limit \(TranscriptWindow.limit)
                    ) as next
                ) as m join people s on s.id = m.sender_id
                where m.size <= \(TranscriptWindow.contentBytes) or m.seq = \(window.after + 1)
                order by m.seq
                """
            ).map(MessageRow.message)
        }
    }

    /// The number of the order that a room belongs to; `nil` when there is no such room.
    func orderNumber(of orderID: Identifier) async throws -> Int? {
        try await database.withConnection(idempotent: true) { session in
            try session.first("select order_number from rooms where order_id = \(orderID)")?[0, as: Int.self]
        }
    }
}
