import Contracts
import Messaging
import Postgres
import Primitives
import TestKit
import Testing

@testable import OrdersService

@Suite(.bounded)
struct UnknownOutcomeTests {
    @Test("Orders whose COMMIT was answered and followed by the end of the connection are there once, and told so")
    func committed() async throws {
        let cutter = try CommitCutter(server: try TestDatabase.serverPort())
        defer { cutter.stop() }
        try await OrdersFixture.with(through: cutter.port) { orders in
            let ann = Caller.regular()
            let create = CreateOrder(store: orders.store)
            var told: Set<Identifier> = []
            for round in 0..<5 {
                cutter.cut(.after)
                try await withThrowingTaskGroup(of: Order.self) { group in
                    for number in 0..<30 {
                        group.addTask {
                            try await orders.create("Order \(number)", by: ann, key: "\(round)-\(number)", with: create)
                                .read()
                        }
                    }
                    for try await order in group { told.insert(order.id) }
                }
            }
            #expect(cutter.cuts == 5 && told.count == 150)
            #expect(try await orders.count("select count(*) from orders") == 150)
            #expect(try await orders.count("select count(*) from order_history") == 150)
            #expect(try await orders.count("select count(*) from outbox") == 150)
        }
    }
}
