import Contracts
import Messaging
import Postgres
import Primitives
import TestKit
import Testing

@testable import OrdersService

@Suite(.bounded)
struct IdempotencyTests {
    @Test("A request repeated under its key gets the first answer, byte for byte, and stores nothing")
    func replay() async throws {
        try await OrdersFixture.with { orders async throws in
            let ann = Caller.regular()
            let first = try await orders.create(by: ann, key: "k")
            let second = try await orders.create(by: ann, key: "k")
            #expect(second.body == first.body)
            #expect(!first.metadata.isReplayed)
            #expect(second.metadata.isReplayed && second.metadata.isCreated)
            #expect(second.metadata.id == first.metadata.id)
            #expect(try await orders.count("select count(*) from orders") == 1)
            #expect(try await orders.count("select count(*) from outbox") == 1)
        }
    }

    @Test("Another content under the same key is refused; the same key of another user is another key")
    func reused() async throws {
        try await OrdersFixture.with { orders async throws in
            let ann = Caller.regular()
            _ = try await orders.create(by: ann, key: "k")
            let error = try await refusal { try await orders.create(by: ann, key: "k", quantity: 2) }
            #expect(error.code == .idempotencyKeyReused)
            #expect(try await !orders.create(by: .regular("Ben"), key: "k").metadata.isReplayed)
            #expect(try await orders.count("select count(*) from orders") == 2)
        }
    }

    @Test("While the first request of a key runs, a second one is told so; when it has died, the key is free")
    func inProgress() async throws {
        try await OrdersFixture.with { orders async throws in
            let ann = Caller.regular()
            try await orders.database.withDedicatedConnection { other in
                let lock: SQL = """
                    select pg_advisory_lock(hashtextextended(\(ann.userID)::uuid::text || 'k', 7))
                    """
                _ = try await other.run { try $0.execute(lock).count }
                let error = try await refusal { try await orders.create(by: ann, key: "k") }
                #expect(error.code == .idempotencyInProgress)
                #expect(error.retryAfter == 1)
            }
            // The lock is gone with its connection, a moment after.
            try await eventually("the key is free") {
                try await refusalIfAny { try await orders.create(by: ann, key: "k") } == nil
            }
            #expect(try await orders.count("select count(*) from orders") == 1)
        }
    }

    @Test("After 24 hours a key can be used for something else")
    func expired() async throws {
        try await OrdersFixture.with { orders async throws in
            let ann = Caller.regular()
            _ = try await orders.create(by: ann, key: "k")
            try await orders.database.withConnection { session in
                _ = try session.execute(
                    "update idempotency_keys set created_at = now() - interval '23 hours 59 minutes'")
            }
            #expect(try await orders.create(by: ann, key: "k").metadata.isReplayed)
            try await orders.database.withConnection { session in
                _ = try session.execute("update idempotency_keys set created_at = now() - interval '24 hours 1 minute'")
            }
            let later = try await orders.create(by: ann, key: "k", quantity: 2)
            #expect(!later.metadata.isReplayed)
            #expect(try await orders.create(by: ann, key: "k", quantity: 2).body == later.body)
        }
    }

    @Test("Of twenty requests at once under one key exactly one places an order")
    func race() async throws {
        try await OrdersFixture.with { orders async throws in
            let ann = Caller.regular()
            let create = CreateOrder(store: orders.store)
            let codes = try await withThrowingTaskGroup(of: ErrorCode?.self) { group in
                for _ in 0..<20 {
                    group.addTask {
                        let body = Array(#"{"description":"d","specifications":"s","quantity":1}"#.utf8)
                        let request = Orders.Create(idempotencyKey: "k", body: body)
                        return try await refusalIfAny { try await create.handle(request, context(ann)) }?.code
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(codes.allSatisfy { $0 == nil || $0 == .idempotencyInProgress })
            #expect(try await orders.count("select count(*) from orders") == 1)
        }
    }
}
