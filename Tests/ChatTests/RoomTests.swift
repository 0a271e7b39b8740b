import Contracts
import Messaging
import Postgres
import Primitives
import TestKit
import Testing

@testable import ChatService

@Suite(.bounded)
struct RoomTests {
    @Test("Eight senders of a hundred messages each fill a room without a gap, each in its own order")
    func manySenders() async throws {
        try await ChatFixture.with { chat async throws in
            let owner = Caller.regular()
            let room = try await chat.room(of: owner)
            let senders = [owner] + (1..<8).map { Caller.admin("Admin \($0)") }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for (number, sender) in senders.enumerated() {
                    group.addTask {
                        var last = 0
                        for index in 0..<100 {
                            let message = try await chat.send("\(number) \(index)", in: room, by: sender).read()
                            #expect(message.seq > last)
                            last = message.seq
                        }
                    }
                }
                try await group.waitForAll()
            }
            let stored = try await chat.stored(room)
            #expect(stored.map(\.seq) == Array(1...800))
            for number in 0..<8 {
                let own = stored.filter { $0.content.hasPrefix("\(number) ") }.map(\.content)
                #expect(own == (0..<100).map { "\(number) \($0)" })
            }
            #expect(chat.signals.all.map(\.seq) == Array(1...800))
            #expect(try await chat.get(room, by: owner).lastSeq == 800)
        }
    }

    @Test("Messages to many rooms at once number each room for itself")
    func manyRooms() async throws {
        try await ChatFixture.with { chat async throws in
            let owner = Caller.regular()
            var rooms: [Identifier] = []
            for number in 0..<10 { rooms.append(try await chat.room(of: owner, number: number)) }
            try await withThrowingTaskGroup(of: Void.self) { [rooms] group in
                for room in rooms {
                    for index in 0..<20 {
                        group.addTask { _ = try await chat.send("\(index)", in: room, by: owner) }
                    }
                }
                try await group.waitForAll()
            }
            for room in rooms { #expect(try await chat.stored(room).map(\.seq) == Array(1...20)) }
        }
    }

    @Test("The same clientMessageId gets the first message again, also in a closed room and with other content")
    func clientMessageID() async throws {
        try await ChatFixture.with { chat async throws in
            let (owner, admin) = (Caller.regular(), Caller.admin())
            let room = try await chat.room(of: owner)
            let id = Identifier.make()
            let first = try await chat.send("a", in: room, by: owner, clientMessageID: id)
            let again = try await chat.send("b", in: room, by: owner, clientMessageID: id)
            #expect(first.metadata.isCreated && !again.metadata.isCreated)
            #expect(try again.read() == first.read())
            #expect(try await chat.send("c", in: room, by: admin, clientMessageID: id).read().seq == 2)
            _ = try await chat.close(room, by: admin)
            #expect(try await chat.send("d", in: room, by: owner, clientMessageID: id).read() == first.read())
            #expect(try await refusal { try await chat.send("e", in: room, by: owner) }.code == .roomClosed)
            #expect(try await chat.stored(room).map(\.content) == ["a", "c", "Done"])
        }
    }

    @Test("Twenty sends at once with one clientMessageId store one message")
    func clientMessageIDRace() async throws {
        try await ChatFixture.with { chat async throws in
            let owner = Caller.regular()
            let room = try await chat.room(of: owner)
            let id = Identifier.make()
            let seqs = try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<20 {
                    group.addTask { try await chat.send("a", in: room, by: owner, clientMessageID: id).read().seq }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(seqs == [Int](repeating: 1, count: 20))
            #expect(try await chat.stored(room).count == 1)
            #expect(chat.signals.all.count == 1)
        }
    }

    @Test("A close among sends is the last message: what is accepted stands before it, the rest is refused")
    func closeRace() async throws {
        try await ChatFixture.with { chat async throws in
            let (owner, admin) = (Caller.regular(), Caller.admin())
            let room = try await chat.room(of: owner)
            let accepted = try await withThrowingTaskGroup(of: Int?.self) { group in
                for index in 0..<60 {
                    group.addTask {
                        if index == 30 {
                            _ = try await chat.close(room, by: admin)
                            return nil
                        }
                        do {
                            return try await chat.send("\(index)", in: room, by: owner).read().seq
                        } catch let error as ServiceError {
                            #expect(error.code == .roomClosed)
                            return nil
                        }
                    }
                }
                return try await group.reduce(into: []) { $0 += $1.map { [$0] } ?? [] }
            }
            let stored = try await chat.stored(room)
            #expect(stored.map(\.seq) == Array(1...stored.count))
            #expect(stored.last?.kind == "summary")
            #expect(stored.filter { $0.kind == "summary" }.count == 1)
            #expect(accepted.sorted() == stored.dropLast().map(\.seq))
        }
    }

    @Test("A room is closed once, by one of many, with one event; the others are told it is closed")
    func closeTwice() async throws {
        try await ChatFixture.with { chat async throws in
            let owner = Caller.regular()
            let room = try await chat.room(of: owner)
            #expect(try await refusal { try await chat.close(room, by: owner) }.code == .forbidden)
            let codes = try await withThrowingTaskGroup(of: ErrorCode?.self) { group in
                for _ in 0..<8 {
                    group.addTask { try await refusalIfAny { try await chat.close(room, by: .admin()) }?.code }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(codes.filter { $0 == nil }.count == 1)
            #expect(codes.filter { $0 == .roomClosed }.count == 7)
            #expect(try await chat.count("select count(*) from outbox where subject = 'chat.event.room-closed'") == 1)
            #expect(chat.signals.all.map(\.kind) == [.closingMessage])
            let closed = try await chat.get(room, by: owner)
            #expect(!closed.isOpen && closed.summary == "Done" && closed.lastSeq == 1)
            #expect(closed.lastMessage?.kind == .summary)
        }
    }

    @Test("Closing again under the same Idempotency-Key gets the first answer; another summary is refused")
    func closeReplay() async throws {
        try await ChatFixture.with { chat async throws in
            let (owner, admin) = (Caller.regular(), Caller.admin())
            let room = try await chat.room(of: owner)
            let first = try await chat.close(room, by: admin, key: "k")
            let again = try await chat.close(room, by: admin, key: "k")
            #expect(again.body == first.body)
            #expect(again.metadata.isReplayed && !first.metadata.isReplayed)
            #expect(
                try await refusal { try await chat.close(room, "Other", by: admin, key: "k") }.code
                    == .idempotencyKeyReused)
            #expect(try await refusal { try await chat.close(room, by: admin, key: "other") }.code == .roomClosed)
        }
    }

    @Test("A room made twice, by the event and on first use, is one room and keeps its messages")
    func madeTwice() async throws {
        try await ChatFixture.with { chat async throws in
            let owner = Caller.regular("Ann")
            let room = try await chat.room(of: owner)
            _ = try await chat.send("a", in: room, by: owner)
            let order = Order.made(id: room, of: owner)
            for _ in 0..<2 {
                try await chat.store.inTransaction {
                    try ApplyOrdersCreated.apply([Orders.Created(order: order)], $0)
                }
            }
            #expect(try await chat.count("select count(*) from rooms") == 1)
            #expect(try await chat.get(room, by: owner).lastSeq == 1)
        }
    }

    @Test("A room whose event is late waits for nobody: orders is asked, and without it the answer is 503")
    func lateRoom() async throws {
        try await ChatFixture.with { chat async throws in
            #expect(try await refusal { try await chat.get(.make(), by: .regular()) }.code == .serviceUnavailable)
            #expect(
                try await refusal { try await chat.send("a", in: .make(), by: .regular()) }.code == .serviceUnavailable)
        }
    }

    @Test("Strangers see and do nothing in a room")
    func strangers() async throws {
        try await ChatFixture.with { chat async throws in
            let room = try await chat.room(of: .regular("Ann"))
            let eve = Caller.regular("Eve")
            #expect(try await refusal { try await chat.get(room, by: eve) }.code == .forbidden)
            #expect(try await refusal { try await chat.messages(room, by: eve) }.code == .forbidden)
            #expect(try await refusal { try await chat.join(room, by: eve) }.code == .forbidden)
            #expect(try await refusal { try await chat.send("a", in: room, by: eve) }.code == .forbidden)
            #expect(try await refusal { try await chat.markRead(room, 1, by: eve) }.code == .forbidden)
            #expect(try await chat.rooms(by: eve).items.isEmpty)
        }
    }
}
