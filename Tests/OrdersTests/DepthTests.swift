import Contracts
import Messaging
import Postgres
import Primitives
import TestKit
import Testing

@testable import OrdersService

/// What a client may send must not be too deep for what it is wrapped in afterwards.
@Suite(.bounded)
struct DepthTests {
    private static func nested(_ levels: Int) -> String {
        String(repeating: #"{"a":"#, count: levels) + "1" + String(repeating: "}", count: levels)
    }

    @Test("The deepest content that is accepted is in the answer, the history and the event")
    func deepest() async throws {
        try await OrdersFixture.with { orders async throws in
            let ann = Caller.regular()
            // With the request's own object around them: 32.
            let (deep, deeper) = (Self.nested(31), Self.nested(32))
            let order = try await orders.create(by: ann).read()
            for field in ["specifications", "metadata"] {
                let changed = try await orders.update(order.id, #"{"\#(field)":\#(deep)}"#, by: ann)
                #expect((field == "metadata" ? changed.metadata : changed.specifications).encoded == deep)
                let refused = try await refusal {
                    try await orders.update(order.id, #"{"\#(field)":\#(deeper)}"#, by: ann)
                }
                #expect(refused.code == .malformedJSON)
            }
            #expect(try await orders.history(order.id, by: ann).items.count == 3)
            #expect(try await orders.list(by: ann).items.count == 1)
            try await Self.requireReadableEvents(orders, Orders.Updated.self, count: 2)
        }
    }

    @Test("An order from when clients could send 128 levels is listed, has a history and can be changed")
    func stored() async throws {
        try await OrdersFixture.with { orders async throws in
            let ann = Caller.regular()
            let order = try await orders.create(by: ann).read()
            try await orders.database.withConnection { session in
                _ = try session.execute(
                    "update orders set specifications = \(JSONText(Self.nested(127)))::json where id = \(order.id)")
            }
            _ = try await orders.update(order.id, #"{"specifications":"flat"}"#, by: ann)
            #expect(try await orders.history(order.id, by: ann).items.count == 2)
            #expect(try await orders.list(by: ann).items.map(\.id) == [order.id])
            try await Self.requireReadableEvents(orders, Orders.Updated.self, count: 1)
        }
    }

    private static func requireReadableEvents<Event: ServiceEvent>(
        _ orders: OrdersFixture, _ type: Event.Type, count: Int
    ) async throws {
        let payloads = try await orders.database.withConnection { session in
            try session.execute("select payload from outbox where subject = \(Event.subject)").map {
                try $0[0, as: [UInt8].self]
            }
        }
        #expect(payloads.count == count)
        for payload in payloads { _ = try Event(jsonBytes: payload) }
    }
}
