import Logging
import Messaging
import Persistence
import Postgres
import Primitives
import ServiceKit
import TestKit
import Testing

@testable import OrdersService

/// What is not kept for ever goes.
@Suite(.bounded)
struct ExpiryTests {
    @Test("An answer under a key is kept for 24 hours, and no row of it after that")
    func answers() async throws {
        try await OrdersFixture.with { orders async throws in
            let ann = Caller.regular("A name that is not to stay")
            for key in ["old", "young"] { _ = try await orders.create(by: ann, key: key) }
            let now = Timestamp.now()
            _ = try await orders.database.withConnection {
                try $0.execute(
                    "update idempotency_keys set created_at = \(now.advanced(bySeconds: -86_400)) where key = 'old'")
            }
            let expiry = Expiry.idempotentAnswers
            #expect(try await expiry.apply(to: orders.database, now: now.advanced(bySeconds: -1)) == 0)
            #expect(try await expiry.apply(to: orders.database, now: now) == 1)
            #expect(try await orders.create(by: ann, key: "young").metadata.isReplayed)
            #expect(try await !orders.create(by: ann, key: "old").metadata.isReplayed)
            #expect(try await expiry.apply(to: orders.database, now: now) == 0)
        }
    }

    @Test("Many go in parts, by several replicas at once, and none is counted twice")
    func many() async throws {
        try await OrdersFixture.with { orders async throws in
            _ = try await orders.database.withConnection {
                try $0.execute(
                    """
                    insert into idempotency_keys (user_id, key, fingerprint, reference, answer, created_at)
                    select gen_random_uuid(), 'k', '', gen_random_uuid(), '', now() - make_interval(hours => 25)
                    from generate_series(1, 3500)
                    """)
            }
            let total = try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<3 {
                    group.addTask { try await Expiry.idempotentAnswers.apply(to: orders.database, now: .now()) }
                }
                return try await group.reduce(0, +)
            }
            // What another one has in hand is passed over, so that one may end before all is gone.
            let rest = try await Expiry.idempotentAnswers.apply(to: orders.database, now: .now())
            #expect(total + rest == 3500)
            #expect(try await orders.count("select count(*) from idempotency_keys") == 0)
        }
    }

    @Test("A parked event is kept for thirty days")
    func parked() async throws {
        try await OrdersFixture.with { orders async throws in
            _ = try await orders.database.withConnection {
                try $0.execute(
                    """
                    insert into parked_events (consumer, stream_sequence, event_id, subject, payload, reason, parked_at)
                    select 'c', n, gen_random_uuid(), 's', '', 'r', now() - make_interval(days => n)
                    from unnest(array[1, 29, 31, 400]) as n
                    """)
            }
            #expect(try await Expiry.parkedEvents.apply(to: orders.database, now: .now()) == 2)
            #expect(try await orders.count("select count(*) from parked_events") == 2)
        }
    }

    @Test("A service looks by itself, and what fails does not keep the rest")
    func upkeep() async throws {
        try await OrdersFixture.with { orders async throws in
            _ = try await orders.create(by: .regular(), key: "k")
            _ = try await orders.database.withConnection {
                try $0.execute("update idempotency_keys set created_at = created_at - make_interval(hours => 30)")
            }
            let lines = Recorder<String>()
            let broken = Expiry("nothing", after: 1) { _ in "delete from no_such_table" }
            let upkeep = Upkeep(
                database: orders.database, expiries: [broken, .idempotentAnswers], logger: .recording(into: lines),
                first: .zero)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await upkeep.run() }
                let told = try await lines.wait(for: 2)
                group.cancelAll()
                #expect(told[0].contains("old rows not deleted") && told[0].contains("what=nothing"))
                #expect(told[1] == "old rows deleted rows=1 what=idempotent answers")
            }
        }
    }
}
