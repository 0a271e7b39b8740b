import Contracts
import Messaging
import Persistence
import Postgres
import Primitives
import Synchronization
import TestKit
import Testing

@testable import OrdersService

@Suite(.bounded)
struct CreateTests {
    @Test("A placed order is answered as it is stored, with its audit entry and its event")
    func one() async throws {
        try await OrdersFixture.with { orders async throws in
            let ann = Caller.regular("Ann Ünal")
            let answer = try await orders.create("A chair", by: ann)
            let order = try answer.read()
            #expect(answer.metadata == AnswerMetadata(isCreated: true, version: 1, id: order.id))
            #expect(order.number == 1000)
            #expect(order.status == .review)
            #expect(order.owner == Person(id: ann.userID, name: "Ann Ünal"))
            #expect(try await orders.order(order.id, by: ann) == order)
            let history = try await orders.history(order.id, by: ann)
            #expect(history.items.map(\.kind) == [.created])
            #expect(try await orders.events() == ["orders.event.created"])
        }
    }

    @Test("What a client sent as JSON comes back with its numbers and the order of its members")
    func unchangedJSON() async throws {
        try await OrdersFixture.with { orders async throws in
            let ann = Caller.regular()
            let body =
                #"{"description":"d","specifications":{"z":1.50,"a":1e2},"quantity":1,"metadata":{"b":[{}],"a":null}}"#
            let created = try await CreateOrder(store: orders.store)
                .handle(Orders.Create(body: Array(body.utf8)), context(ann)).read()
            let order = try await orders.order(created.id, by: ann)
            #expect(order.specifications.encoded == #"{"z":1.50,"a":1e2}"#)
            #expect(order.metadata.encoded == #"{"b":[{}],"a":null}"#)
        }
    }

    @Test("An Admin places no orders")
    func admin() async throws {
        try await OrdersFixture.with { orders async throws in
            #expect(try await refusal { try await orders.create(by: .admin()) }.code == .forbidden)
        }
    }

    @Test("Many orders placed at once get a number, an audit entry and an event each")
    func many() async throws {
        try await OrdersFixture.with { orders async throws in
            let create = CreateOrder(store: orders.store)
            let callers = (0..<4).map { Caller.regular("User \($0)") }
            let placed = try await withThrowingTaskGroup(of: Order.self) { group in
                for index in 0..<200 {
                    group.addTask {
                        let body = #"{"description":"\#(index)","specifications":"s","quantity":1}"#
                        return try await create.handle(
                            Orders.Create(body: Array(body.utf8)), context(callers[index % 4])
                        ).read()
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(Set(placed.map(\.number)).count == 200)
            #expect(try await orders.count("select count(*) from orders") == 200)
            #expect(try await orders.count("select count(*) from order_history where kind = 'created'") == 200)
            #expect(try await orders.count("select count(distinct key) from outbox") == 200)
            for order in placed.prefix(8) {
                #expect(try await orders.order(order.id, by: .admin()) == order)
            }
        }
    }

    @Test("An order that cannot be stored costs only itself, and the others of its batch keep their order")
    func failingMember() async throws {
        try await OrdersFixture.with { orders async throws in
            let ann = Caller.regular()
            let existing = try await orders.create(by: ann).read()
            // Batches form by themselves, so it is tried until the bad order was in one with others.
            for _ in 0..<20 {
                let batches = try await Self.batches(of: 8, with: existing.id, by: ann, orders)
                guard let batch = batches.first(where: { $0.count > 2 && $0.contains(existing.id) }) else { continue }
                let good = batch.filter { $0 != existing.id }
                var numbers: [Int] = []
                for id in good { numbers.append(try await orders.order(id, by: ann).number) }
                #expect(numbers == numbers.sorted())
                #expect(try await orders.order(existing.id, by: ann) == existing)
                return
            }
            Issue.record("no batch held the bad order and others")
        }
    }

    /// Submits `count` orders at the same moment, one of them with the id of a stored one.
    /// - Returns: the batches as they were run, by the ids in them.
    private static func batches(
        of count: Int, with taken: Identifier, by owner: Caller, _ orders: OrdersFixture
    ) async throws -> [[Identifier]] {
        let batches = Mutex<[[Identifier]]>([])
        let begun = Counter()
        let (database, outbox) = (orders.database, orders.store.outbox)
        let commit = Batcher<NewOrder, CreatedOrder> { items in
            batches.withLock { $0.append(items.map(\.id)) }
            try await eventually("all are submitted") { begun.value == count }
            return try await database.withTransaction(telling: outbox) { session, events in
                try OrderStore.create(items, session, events).map { .success($0) }
            }
        }
        let draft = try OrderDraft(body: Array(#"{"description":"d","specifications":"s","quantity":1}"#.utf8))
        await withTaskGroup(of: Void.self) { group in
            for index in 0..<count {
                let new = NewOrder(
                    id: index == count / 2 ? taken : .make(), draft: draft,
                    owner: Person(id: owner.userID, name: owner.name), role: .regular)
                group.addTask {
                    begun.increment()
                    do {
                        _ = try await commit.submit(new)
                        #expect(new.id != taken)
                    } catch {
                        #expect(new.id == taken, "\(error)")
                        #expect((error as? DatabaseError)?.sqlState == .uniqueViolation)
                    }
                }
            }
        }
        return batches.withLock { $0 }
    }
}
