import Messaging
import Postgres
import TestKit
import Testing

@testable import ChatService

/// What stands in the database and this version does not know is an error that says where, never another value.
struct StoredValueTests {
    @Test(
        "A kind or role that is not known is an error that names table and column, in the room and in its messages",
        arguments: [
            ("messages", "kind", "typing"), ("messages", "sender_role", "Owner"), ("rooms", "closed_by_role", "Owner"),
        ])
    func unknown(table: String, column: String, value: String) async throws {
        try await ChatFixture.with { chat async throws in
            let ann = Caller.regular()
            let room = try await chat.room(of: ann)
            _ = try await chat.send("a", in: room, by: ann)
            _ = try await chat.close(room, by: .admin())
            try await chat.database.withConnection { session in
                try session.execute("alter table messages drop constraint messages_kind_check")
                try session.execute("update \(unsafe: table) set \(unsafe: column) = \(value)")
            }
            try await Self.requireFault("\(table).\(column)") { _ = try await chat.get(room, by: ann) }
            try await Self.requireFault("\(table).\(column)") { _ = try await chat.rooms(by: ann) }
            try await Self.requireFault("\(table).\(column)") {
                if table == "rooms" {
                    _ = try await chat.store.closings(among: [room])
                } else {
                    _ = try await chat.messages(room, by: ann)
                }
            }
        }
    }

    private static func requireFault(_ place: String, _ body: () async throws -> Void) async throws {
        let error = await #expect(throws: DatabaseError.self) { try await body() }
        #expect(error?.code == .decoding)
        #expect(error?.message.contains("column \(place) ") == true, "\(String(describing: error))")
    }
}
