import Contracts
import Messaging
import Postgres
import Primitives
import TestKit
import Testing

@testable import OrdersService

/// At 100,000 orders every list comes from an index. What PostgreSQL counts is looked at, not a plan of our own asking:
/// so it is the very statements of the store that are tested, prepared and generic as they become.
@Suite(.bounded)
struct PlanTests {
    private static let size = 100_000

    @Test("At 100,000 orders no list and no look-up reads the whole table")
    func indexes() async throws {
        try await OrdersFixture.with { orders async throws in
            try await Self.fill(orders.database)
            let store = orders.store
            let owner = try await Self.identifier("select owner_id from orders limit 1", orders.database)
            let middle = try await Self.identifier(
                "select id from orders order by id offset 50000 limit 1", orders.database)
            let calls: [(name: String, index: String, call: @Sendable () async throws -> Int)] = [
                ("first page", "orders_pkey", { try await store.orders(OrderFilter(), after: nil, limit: 21).count }),
                ("deep page", "orders_pkey", { try await store.orders(OrderFilter(), after: middle, limit: 21).count }),
                (
                    "by owner", "orders_by_owner",
                    { try await store.orders(OrderFilter(ownerID: owner), after: nil, limit: 21).count }
                ),
                (
                    "by status", "orders_by_status",
                    { try await store.orders(OrderFilter(status: .completed), after: nil, limit: 21).count }
                ),
                ("by id", "orders_pkey", { try await store.order(middle, for: .background()).quantity }),
                (
                    "search of three letters", "orders_by_search",
                    { try await store.orders(OrderFilter(search: "Needle"), after: nil, limit: 21).count }
                ),
            ]
            for (name, index, call) in calls {
                let before = try await Self.scans(of: index, orders.database)
                // After five executions PostgreSQL may take a plan that fits any parameters.
                for _ in 0..<8 { #expect(try await call() > 0, "\(name)") }
                // The server counts with a delay of up to ten seconds.
                let after = try await eventually(
                    "\(name) is counted", { try await Self.scans(of: index, orders.database) }
                ) { $0.index + $0.table >= before.index + before.table + 8 }
                #expect(after.table == before.table, "\(name) reads the whole table")
                #expect(after.index >= before.index + 8, "\(name) does not use \(index)")
            }
        }
    }

    private static func fill(_ database: Database) async throws {
        let part = 10_000
        try await database.withConnection { session in
            _ = try session.execute("insert into people (id, name) values (\(Identifier.make()), 'Ann')")
            _ = try session.execute(
                """
                insert into people (id, name)
                select lpad(to_hex(n), 32, '0')::uuid, 'User ' || n from generate_series(1, 1000) n
                """)
        }
        for start in stride(from: 0, to: size, by: part) {
            try await database.withConnection { session in
                _ = try session.execute(
                    """
                    insert into orders (id, number, owner_id, description, specifications, quantity, metadata, status, version,
                        created_at, updated_at)
                    select (lpad(to_hex(1700000000000 + n), 12, '0') || '70008000' || lpad(to_hex(n), 12, '0'))::uuid, n,
                        lpad(to_hex(n % 1000 + 1), 32, '0')::uuid,
                        case when n % 20000 = 7 then 'a needle ' else 'hay of kind ' end || md5(n::text), '"straw"', 1, null,
                        case when n % 100 = 0 then 'Completed' when n % 10 = 0 then 'Processing' else 'Review' end, 1,
                        to_timestamp((1700000000000 + n) / 1000.0), to_timestamp((1700000000000 + n) / 1000.0)
                    from generate_series(\(start)::bigint + 1000, \(start + part)::bigint + 999) n
                    """)
            }
        }
        try await database.withConnection { session in _ = try session.execute("analyze orders") }
    }

    private static func identifier(_ query: SQL, _ database: Database) async throws -> Identifier {
        let found = try await database.withConnection { try $0.first(query)?[0, as: Identifier.self] }
        return try #require(found)
    }

    /// Scans of the whole table and of one of its indexes so far.
    private static func scans(of index: String, _ database: Database) async throws -> (table: Int, index: Int) {
        try await database.withConnection { session in
            _ = try session.execute("select 1 from pg_stat_force_next_flush()")
            let row = try session.first(
                """
                select t.seq_scan, i.idx_scan from pg_stat_user_tables t join pg_stat_user_indexes i on i.relid = t.relid
                where t.relname = 'orders' and i.indexrelname = \(index)
                """)
            let scans = try row?.decode(Int.self, Int.self)
            return (scans?.0 ?? 0, scans?.1 ?? 0)
        }
    }
}
