import Contracts
import Messaging
import Postgres
import TestKit
import Testing

@testable import OrdersService

/// What stands in the database and this version does not know is an error that says where, never another value.
struct StoredValueTests {
    @Test(
        "A kind, role or status of an audit entry that is not known is an error that names table and column",
        arguments: [
            ("kind", "shipped"), ("actor_role", "Owner"), ("actor_role", "admin"), ("actor_role", ""),
            ("from_status", "Draft"), ("to_status", "Shipped"),
        ])
    func history(column: String, value: String) async throws {
        try await OrdersFixture.with { orders async throws in
            let ann = Caller.regular()
            let order = try await orders.create(by: ann).read()
            try await orders.roomClosed(order.id, by: .admin())
            try await orders.store("order_history", column, value, dropping: "order_history_kind_check")
            try await Self.requireFault("order_history.\(column)") {
                _ = try await orders.history(order.id, by: ann)
            }
        }
    }

    @Test("A status of an order that is not known is an error that names table and column, however it is read")
    func status() async throws {
        try await OrdersFixture.with { orders async throws in
            let (ann, admin) = (Caller.regular(), Caller.admin())
            let order = try await orders.create(by: ann).read()
            try await orders.store("orders", "status", "Shipped", dropping: "orders_status_check")
            try await Self.requireFault("orders.status") { _ = try await orders.order(order.id, by: ann) }
            try await Self.requireFault("orders.status") { _ = try await orders.list(by: ann) }
            try await Self.requireFault("orders.status") { _ = try await orders.store.stats() }
            try await Self.requireFault("orders.status") { try await orders.roomClosed(order.id, by: admin) }
        }
    }

    private static func requireFault(_ place: String, _ body: () async throws -> Void) async throws {
        let error = await #expect(throws: DatabaseError.self) { try await body() }
        #expect(error?.code == .decoding)
        #expect(error?.message.contains("column \(place) ") == true, "\(String(describing: error))")
    }
}

extension OrdersFixture {
    /// Puts a value into a column of all rows, as another version of the program would, whose checks are others.
    fileprivate func store(_ table: String, _ column: String, _ value: String, dropping check: String) async throws {
        try await database.withConnection { session in
            try session.execute("alter table \(unsafe: table) drop constraint \(unsafe: check)")
            try session.execute("alter table \(unsafe: table) disable trigger user")
            try session.execute("update \(unsafe: table) set \(unsafe: column) = \(value)")
        }
    }
}
