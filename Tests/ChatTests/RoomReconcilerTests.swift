import Contracts
import Logging
import MemoryTransport
import Messaging
import Postgres
import Primitives
import ServiceKit
import Synchronization
import TestKit
import Testing

@testable import ChatService

@Suite(.bounded)
struct RoomReconcilerTests {
    /// Orders as the neighbour tells them; answers `orders.facts`.
    private final class Neighbour: Sendable {
        let orders = Mutex<[OrderFacts]>([])

        func place(number: Int, secondsAhead: Int64) {
            let time = Timestamp.now().advanced(bySeconds: secondsAhead)
            let id = Identifier(
                high: UInt64(time.milliseconds) << 16 | 0x7000, low: 1 << 63 | UInt64.random(in: 0..<1 << 60))
            let facts = OrderFacts(
                orderID: id, number: number, owner: Person(id: .make(), name: "Ann"), createdAt: time)
            orders.withLock { $0.append(facts) }
        }

        func answer(_ request: Envelope) -> Envelope {
            let after = (try? JSONParser.parse(request.payload.prefix { $0 != 10 }).value)?["afterNumber"].integer ?? 0
            let found = orders.withLock { $0 }.filter { $0.number > after }.sorted { $0.number < $1.number }
            return Envelope(
                payload: Answer<Page<OrderFacts>>.page(of: Array(found.prefix(3)), limit: 2, position: \.orderID).body)
        }
    }

    private func compare(_ body: (ChatFixture, Neighbour, RoomReconciler) async throws -> Void) async throws {
        try await ChatFixture.with { chat in
            let (hub, neighbour) = (MemoryHub(), Neighbour())
            let server = MemoryTransport(hub: hub)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    try await server.serve(
                        [Orders.Facts.subject], queue: "orders", limit: 8, refusal: Envelope(error: .overloaded)
                    ) { _, request in neighbour.answer(request) }
                }
                let bus = MessageBus(transport: MemoryTransport(hub: hub))
                try await eventually("the neighbour serves") {
                    (try? await bus.call(Orders.Facts(), context: .background())) != nil
                }
                let reconciler = RoomReconciler(
                    store: chat.store, bus: bus,
                    logger: .silent)
                try await body(chat, neighbour, reconciler)
                group.cancelAll()
            }
        }
    }

    @Test("A clock that is ahead at one who places orders does not carry the comparison past those of others")
    func clockAhead() async throws {
        try await compare { chat, neighbour, reconciler in
            neighbour.place(number: 1000, secondsAhead: -60)
            neighbour.place(number: 1001, secondsAhead: 100_000)
            try await reconciler.reconcile()
            #expect(try await chat.count("select count(*) from rooms") == 2, "the one from the future has its room too")
            for number in 1002..<1009 { neighbour.place(number: number, secondsAhead: -60) }
            try await reconciler.reconcile()
            #expect(try await chat.count("select count(*) from rooms") == 9)
        }
    }

    @Test("An order that has just been placed is left to its event for some seconds")
    func recent() async throws {
        try await compare { chat, neighbour, reconciler in
            neighbour.place(number: 1000, secondsAhead: 0)
            try await reconciler.reconcile()
            #expect(try await chat.count("select count(*) from rooms") == 0)
        }
    }

    @Test(
        "What happened some seconds ago is due, by a clock behind or ahead alike", arguments: [-6, -4, 0, 4, 6, 9999])
    func due(seconds: Int64) {
        let now = Timestamp.now()
        #expect(Reconciliation.isDue(now.advanced(bySeconds: seconds), now: now) == (abs(seconds) > 5))
    }
}
