import Contracts
import Logging
import Messaging
import Persistence
import Postgres
import Primitives
import TestKit
import Testing

@testable import OrdersService

/// What becomes of orders from before searches were folded.
@Suite(.bounded)
struct FoldingMigrationTests {
    @Test("An order from before is found like any other, and only those that differ are written")
    func orders() async throws {
        let migrations = try OrdersService.migrations
        let before = Array(migrations.prefix { $0.name != "folding" })
        try await TestDatabase.with(schema: "orders", migrations: before) { database async throws in
            let ann = Caller.regular()
            let texts = ["plain", "ΟΔΟΣΑΘΗΝΑΣ", "cafe\u{301}", "ÉCOLE", "5 \u{B5}m"]
            try await database.withConnection { session in
                try session.execute("insert into people (id, name) values (\(ann.userID), 'Ann')")
                for (number, text) in texts.enumerated() {
                    try session.execute(
                        """
                        insert into orders (id, number, owner_id, description, specifications, quantity, metadata, status,
                            version, created_at, updated_at)
                        values (\(Identifier.make()), \(number), \(ann.userID), \(text), '{"of":"Σ"}', 1, null, 'Review', 1,
                            now(), now())
                        """)
                }
                try session.execute("update orders set specifications = '{}' where description in ('plain', 'ÉCOLE')")
            }
            try await Migrator(schema: "orders", migrations: migrations, logger: .silent).migrate(database)
            let orders = OrderStore(database: database, outbox: Outbox(schema: "orders"))
            for (q, text) in [
                ("PLAIN", texts[0]), ("οδος", texts[1]), ("ΑΘΗΝΑΣ", texts[1]), ("CAFÉ", texts[2]), ("école", texts[3]),
                ("\u{39C}M", texts[4]),
            ] {
                let found = try await orders.orders(OrderFilter(search: q), after: nil, limit: 10).map(\.description)
                #expect(found == [text], "\(q)")
            }
            #expect(try await orders.orders(OrderFilter(search: "ς"), after: nil, limit: 10).count == 3)
            // A row that was written has a transaction of its own, later than the first.
            let untouched = try await database.withConnection { session in
                try session.execute(
                    "select description from orders where xmin::text::bigint < (select max(xmin::text::bigint) from orders)"
                ).map { try $0[0, as: String.self] }
            }
            #expect(Set(untouched) == ["plain", "ÉCOLE"])
        }
    }
}
