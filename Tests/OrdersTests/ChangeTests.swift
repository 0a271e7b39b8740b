import Contracts
import Messaging
import Postgres
import Primitives
import TestKit
import Testing

@testable import OrdersService

@Suite(.bounded)
struct ChangeTests {
    @Test("Of ten changes at once for the same version one wins, the others are told of the mismatch")
    func ifMatchRace() async throws {
        try await OrdersFixture.with { orders async throws in
            let ann = Caller.regular()
            let order = try await orders.create(by: ann).read()
            let codes = try await withThrowingTaskGroup(of: ErrorCode?.self) { group in
                for quantity in 2...11 {
                    group.addTask {
                        try await refusalIfAny {
                            try await orders.update(order.id, #"{"quantity":\#(quantity)}"#, ifMatch: "\"1\"", by: ann)
                        }?.code
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(codes.filter { $0 == nil }.count == 1)
            #expect(codes.filter { $0 == .versionMismatch }.count == 9)
            #expect(try await orders.order(order.id, by: ann).version == 2)
        }
    }

    @Test("Changes at once without a condition all happen, each with its own version, entry and event")
    func changesRace() async throws {
        try await OrdersFixture.with { orders async throws in
            let ann = Caller.regular()
            let order = try await orders.create(by: ann).read()
            let versions = try await withThrowingTaskGroup(of: Int.self) { group in
                for quantity in 2...11 {
                    group.addTask { try await orders.update(order.id, #"{"quantity":\#(quantity)}"#, by: ann).version }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(versions.sorted() == Array(2...11))
            #expect(try await orders.count("select count(*) from order_history where kind = 'updated'") == 10)
            #expect(try await orders.events().filter { $0 == "orders.event.updated" }.count == 10)
        }
    }

    @Test("A change to what is so already changes nothing: no version, no entry, no event")
    func noChange() async throws {
        try await OrdersFixture.with { orders async throws in
            let ann = Caller.regular()
            let order = try await orders.create(by: ann).read()
            #expect(try await orders.update(order.id, #"{"quantity":1}"#, by: ann) == order)
            #expect(try await orders.events().count == 1)
            #expect(try await orders.history(order.id, by: ann).items.count == 1)
        }
    }

    @Test("Access comes before the version, the version before the status")
    func refusals() async throws {
        try await OrdersFixture.with { orders async throws in
            let (ann, admin) = (Caller.regular(), Caller.admin())
            let order = try await orders.create(by: ann).read()
            let patch = #"{"quantity":2}"#
            func code(_ ifMatch: String?, _ caller: Caller) async throws -> ErrorCode? {
                try await refusal { try await orders.update(order.id, patch, ifMatch: ifMatch, by: caller) }.code
            }
            #expect(try await code("\"9\"", .regular("Ben")) == .forbidden)
            #expect(try await code("\"9\"", admin) == .forbidden)
            #expect(try await code("\"9\"", ann) == .versionMismatch)
            try await orders.roomClosed(order.id, by: admin)
            #expect(try await code("\"1\"", ann) == .versionMismatch)
            #expect(try await code("\"2\"", ann) == .orderNotEditable)
            let unknown = try await refusal { try await orders.update(.make(), patch, by: ann) }
            #expect(unknown.code == .notFound)
        }
    }

    @Test("A room closed twice moves its order once, with one audit entry and one event")
    func roomClosedTwice() async throws {
        try await OrdersFixture.with { orders async throws in
            let (ann, admin) = (Caller.regular(), Caller.admin("Root"))
            let order = try await orders.create(by: ann).read()
            try await orders.roomClosed(order.id, by: admin)
            try await orders.roomClosed(order.id, by: admin)
            let moved = try await orders.order(order.id, by: ann)
            #expect(moved.status == .processing)
            #expect(moved.version == 2)
            let history = try await orders.history(order.id, by: ann).items
            #expect(history.map(\.kind) == [.created, .statusChanged])
            #expect(history.last?.actor == Participant(admin))
            #expect(history.last?.from == .review && history.last?.to == .processing)
            #expect(try await orders.events() == ["orders.event.created", "orders.event.status-changed"])
        }
    }

    @Test("A closed room of an order that does not exist changes nothing and is no fault")
    func roomOfNothing() async throws {
        try await OrdersFixture.with { orders async throws in
            try await orders.roomClosed(.make(), by: .admin())
            #expect(try await orders.events().isEmpty)
        }
    }

    @Test("Admins complete an order in Processing once; racing ones get one winner")
    func complete() async throws {
        try await OrdersFixture.with { orders async throws in
            let (ann, admin) = (Caller.regular(), Caller.admin())
            let order = try await orders.create(by: ann).read()
            let early = try await refusal { try await orders.setStatus(order.id, "Completed", by: admin) }
            #expect(early.code == .invalidStatusTransition)
            try await orders.roomClosed(order.id, by: admin)
            #expect(
                try await refusal { try await orders.setStatus(order.id, "Completed", by: ann) }.code == .forbidden)
            let codes = try await withThrowingTaskGroup(of: ErrorCode?.self) { group in
                for _ in 0..<8 {
                    group.addTask {
                        try await refusalIfAny { try await orders.setStatus(order.id, "Completed", by: admin) }?.code
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(codes.filter { $0 == nil }.count == 1)
            #expect(codes.filter { $0 == .invalidStatusTransition }.count == 7)
            #expect(try await orders.order(order.id, by: ann).status == .completed)
        }
    }

    @Test("The timeline tells every change, oldest first, in pages")
    func history() async throws {
        try await OrdersFixture.with { orders async throws in
            let ann = Caller.regular()
            let order = try await orders.create(by: ann).read()
            for quantity in 2...6 { _ = try await orders.update(order.id, #"{"quantity":\#(quantity)}"#, by: ann) }
            var changes: [String] = []
            var query = ["limit": "2"]
            var pages = 0
            while true {
                let page = try await orders.history(order.id, query, by: ann)
                pages += 1
                changes += page.items.compactMap { $0.changes?.encoded }
                guard let next = page.nextCursor else { break }
                query["cursor"] = next
            }
            #expect(pages == 3)
            #expect(changes == (1...5).map { #"{"quantity":{"from":\#($0),"to":\#($0 + 1)}}"# })
            let stranger = try await refusal { try await orders.history(order.id, by: .regular("Ben")) }
            #expect(stranger.code == .forbidden)
        }
    }
}
