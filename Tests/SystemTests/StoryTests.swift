import HTTPTypes
import MemoryTransport
import Primitives
import TestKit
import Testing

/// An order's life through all services at once.
@Suite(.bounded)
struct StoryTests {
    private static let order = #"{"description":"A chair","specifications":"of oak","quantity":2}"#

    @Test("An order is placed, talked about, closed with a summary, and completed")
    func story() async throws {
        try await TestSystem.with { system in
            let (user, admin) = (try await system.userToken("ann"), try await system.adminToken())
            // 1. The order, and a room for it at once.
            let placed = try await system.send(.post, "/api/v1/orders", Self.order, as: user)
            #expect(placed.status == .created)
            let id = try #require(placed.body["id"].string)
            let room = "/api/v1/chat/rooms/\(id)"
            #expect(try await system.send(.get, room, as: user).status == .ok)
            // 2. Both talk; somebody else does not.
            for (number, token) in [user, admin, user].enumerated() {
                let sent = try await system.send(.post, "\(room)/messages", #"{"content":"hello"}"#, as: token)
                #expect(sent.status == .created)
                #expect(sent.body["seq"].integer == number + 1)
            }
            let other = try await system.userToken("bob")
            #expect(try await system.send(.get, room, as: other).status == .forbidden)
            // 3. The Admin closes it, and the order moves.
            let closing = #"{"summary":"Two chairs of oak"}"#
            #expect(try await system.send(.post, "\(room)/close", closing, as: user).status == .forbidden)
            let closed = try await system.send(.post, "\(room)/close", closing, as: admin)
            #expect(closed.status.kind == .successful)
            try await eventually("the order is in Processing") {
                try await system.send(.get, "/api/v1/orders/\(id)", as: user).body["status"].string == "Processing"
            }
            #expect(
                try await system.send(.post, "\(room)/messages", #"{"content":"late"}"#, as: user).status == .conflict)
            // 4. The Admin completes it.
            let completed = try await system.send(
                .patch, "/api/v1/orders/\(id)/status", #"{"status":"Completed"}"#, as: admin)
            #expect(completed.status == .ok)
            #expect(completed.body["status"].string == "Completed")
        }
    }

    @Test("What was told while the stream was away is told when it is back, and the room's closing moves its order")
    func streamAway() async throws {
        try await TestSystem.with { system in
            let (user, admin) = (try await system.userToken("ann"), try await system.adminToken())
            let placed = try await system.send(.post, "/api/v1/orders", Self.order, as: user)
            let id = try #require(placed.body["id"].string)
            system.memory.setStream(available: false)
            let closed = try await system.send(
                .post, "/api/v1/chat/rooms/\(id)/close", #"{"summary":"done"}"#, as: admin)
            #expect(closed.status.kind == .successful)
            system.memory.setStream(available: true)
            try await eventually("the order is in Processing") {
                try await system.send(.get, "/api/v1/orders/\(id)", as: user).body["status"].string == "Processing"
            }
        }
    }

    @Test("A room whose closing was told to nobody moves its order all the same, by comparing")
    func eventLost() async throws {
        try await TestSystem.with { system in
            let (user, admin) = (try await system.userToken("ann"), try await system.adminToken())
            let placed = try await system.send(.post, "/api/v1/orders", Self.order, as: user)
            let id = try #require(placed.body["id"].string)
            // The server takes the event and loses its disk.
            system.memory.removeConsumer("orders-from-chat")
            _ = try await system.send(.post, "/api/v1/chat/rooms/\(id)/close", #"{"summary":"done"}"#, as: admin)
            try await eventually("the order is in Processing") {
                try await system.send(.get, "/api/v1/orders/\(id)", as: user).body["status"].string == "Processing"
            }
        }
    }

    @Test("A session that its user ends is refused by the gateway at once")
    func logout() async throws {
        try await TestSystem.with { system in
            let user = try await system.userToken("ann")
            #expect(try await system.send(.get, "/api/v1/users/me", as: user).status == .ok)
            #expect(try await system.send(.post, "/api/v1/auth/logout", "{}", as: user).status == .noContent)
            #expect(try await system.send(.get, "/api/v1/users/me", as: user).status == .unauthorized)
        }
    }
}
