import Contracts
import Messaging
import Primitives
import TestKit
import Testing

@testable import OrdersService

/// What an operation costs is what it waits for the database.
struct RoundTripTests {
    @Test("An order is placed in two round trips, and moved or changed in three, each with its event")
    func trips() async throws {
        let cutter = try CommitCutter(server: try TestDatabase.serverPort())
        defer { cutter.stop() }
        try await OrdersFixture.with(through: cutter.port) { orders in
            let (ann, admin) = (Caller.regular(), Caller.admin())
            let create = CreateOrder(store: orders.store)
            // Statements are prepared on the way; that takes no trip, but connecting does.
            var order = try await orders.create(by: ann, key: "first", with: create).read()
            var begun = cutter.roundTrips
            order = try await orders.create(by: ann, key: "second", with: create).read()
            #expect(cutter.roundTrips - begun == 2)
            begun = cutter.roundTrips
            _ = try await orders.update(order.id, #"{"quantity":2}"#, by: ann)
            #expect(cutter.roundTrips - begun == 3)
            begun = cutter.roundTrips
            try await orders.roomClosed(order.id, by: admin)
            #expect(cutter.roundTrips - begun == 3)
            #expect(
                try await orders.events() == [
                    "orders.event.created", "orders.event.created", "orders.event.updated",
                    "orders.event.status-changed",
                ])
        }
    }
}
