import Contracts
import Messaging
import Postgres
import Primitives
import TestKit
import Testing

@testable import ChatService

@Suite(.bounded)
struct ReadingTests {
    @Test("Unread are the messages of others past the read position, whatever one writes oneself")
    func unread() async throws {
        try await ChatFixture.with { chat async throws in
            let (owner, admin) = (Caller.regular(), Caller.admin())
            let room = try await chat.room(of: owner)
            func counts() async throws -> [Int] {
                [try await chat.unread(room, by: owner), try await chat.unread(room, by: admin)]
            }
            _ = try await chat.send("1", in: room, by: owner)
            _ = try await chat.send("2", in: room, by: admin)
            _ = try await chat.send("3", in: room, by: admin)
            #expect(try await counts() == [2, 1])
            try await chat.markRead(room, 2, by: owner)
            #expect(try await counts() == [1, 1])
            _ = try await chat.send("4", in: room, by: owner)
            #expect(try await counts() == [1, 2])
            try await chat.markRead(room, 4, by: owner)
            try await chat.markRead(room, 4, by: admin)
            #expect(try await counts() == [0, 0])
            _ = try await chat.close(room, by: admin)
            #expect(try await counts() == [1, 0])
            #expect(try await chat.unread(room, by: .admin("Other")) == 5)
        }
    }

    @Test("Reading never goes back, never past the last message, and is told once it moves")
    func markRead() async throws {
        try await ChatFixture.with { chat async throws in
            let (owner, admin) = (Caller.regular(), Caller.admin())
            let room = try await chat.room(of: owner)
            try await chat.markRead(room, 5, by: owner)
            for index in 1...3 { _ = try await chat.send("\(index)", in: room, by: admin) }
            try await chat.markRead(room, 99, by: owner)
            #expect(try await chat.unread(room, by: owner) == 0)
            _ = try await chat.send("4", in: room, by: admin)
            #expect(try await chat.unread(room, by: owner) == 1)
            try await chat.markRead(room, 1, by: owner)
            #expect(try await chat.unread(room, by: owner) == 1)
            let told = chat.signals.all.filter { $0.kind == .messagesRead }.map(\.seq)
            #expect(told == [3])
        }
    }

    @Test("A gateway gets the messages after one, a hundred at a time, in nobody's name")
    func catchUp() async throws {
        try await ChatFixture.with { chat async throws in
            let owner = Caller.regular()
            let room = try await chat.room(of: owner)
            for index in 1...103 { _ = try await chat.send("\(index)", in: room, by: owner) }
            let handler = CatchUp(store: chat.store)
            func page(after: Int) async throws -> MessagePage {
                try await handler.handle(Chat.CatchUp(orderID: room, after: after), .background()).read()
            }
            let first = try await page(after: 1)
            #expect(first.items.map(\.seq) == Array(2...101))
            #expect(first.hasMore)
            let second = try await page(after: 101)
            #expect(second.items.map(\.content) == ["102", "103"])
            #expect(chat.signals.all.suffix(2).map(\.messageID) == second.items.map(\.id))
            #expect(!second.hasMore)
            #expect(try await page(after: 103).items.isEmpty)
            let unknown = Chat.CatchUp(orderID: .make(), after: 0)
            #expect(try await handler.handle(unknown, .background()).read().items.isEmpty)
        }
    }

    @Test("Counting stays right while messages are sent and read at once")
    func race() async throws {
        try await ChatFixture.with { chat async throws in
            let (owner, admin) = (Caller.regular(), Caller.admin())
            let room = try await chat.room(of: owner)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for sender in [owner, admin] {
                    group.addTask { for index in 0..<40 { _ = try await chat.send("\(index)", in: room, by: sender) } }
                    group.addTask { for seq in 1...40 { try await chat.markRead(room, seq, by: sender) } }
                }
                try await group.waitForAll()
            }
            for user in [owner, admin] {
                let position = try await chat.count(
                    "select seq from read_positions where order_id = \(room) and user_id = \(user.userID)")
                let others = try await chat.count(
                    """
                    select count(*) from messages
                    where order_id = \(room) and seq > \(position) and sender_id <> \(user.userID)
                    """)
                #expect(try await chat.unread(room, by: user) == others)
            }
        }
    }

    @Test("Pages of messages come from either end, ascending, and say whether there are more")
    func pages() async throws {
        try await ChatFixture.with { chat async throws in
            let owner = Caller.regular()
            let room = try await chat.room(of: owner)
            let empty = try await chat.messages(room, by: owner)
            #expect(empty.items.isEmpty && empty.firstSeq == nil && empty.lastSeq == nil && !empty.hasMore)
            for index in 1...10 { _ = try await chat.send("\(index)", in: room, by: owner) }
            let table: [(query: [String: String], seqs: [Int], hasMore: Bool)] = [
                ([:], Array(1...10), false), (["limit": "3"], [8, 9, 10], true),
                (["before": "8", "limit": "3"], [5, 6, 7], true), (["before": "3", "limit": "3"], [1, 2], false),
                (["after": "0", "limit": "3"], [1, 2, 3], true), (["after": "7", "limit": "3"], [8, 9, 10], false),
                (["after": "10"], [], false), (["after": "2", "before": "5"], [3, 4], false),
            ]
            for row in table {
                let page = try await chat.messages(room, row.query, by: owner)
                #expect(page.items.map(\.seq) == row.seqs, "\(row.query)")
                #expect(page.hasMore == row.hasMore, "\(row.query)")
                #expect(page.firstSeq == row.seqs.first && page.lastSeq == row.seqs.last)
            }
        }
    }

    @Test("A join gets the newest messages, or with `after` the first ones past it")
    func join() async throws {
        try await ChatFixture.with { chat async throws in
            let owner = Caller.regular()
            let room = try await chat.room(of: owner)
            for index in 1...6 { _ = try await chat.send("\(index)", in: room, by: owner) }
            let newest = try await chat.join(room, limit: 2, by: owner)
            #expect(newest.messages.map(\.seq) == [5, 6] && newest.hasMore && newest.room.lastSeq == 6)
            let missed = try await chat.join(room, after: 1, limit: 3, by: owner)
            #expect(missed.messages.map(\.seq) == [2, 3, 4] && missed.hasMore)
            #expect(try await chat.join(room, after: 9, by: owner).messages.isEmpty)
            for limit in [0, 101] {
                #expect(
                    try await refusal { try await chat.join(room, limit: limit, by: owner) }.code == .validationFailed)
            }
        }
    }

    @Test("Rooms are listed by latest activity, in pages, and by what is open, unread or said")
    func rooms() async throws {
        try await ChatFixture.with { chat async throws in
            let (ann, admin) = (Caller.regular("Ann"), Caller.admin())
            var rooms: [Identifier] = []
            for number in 0..<5 { rooms.append(try await chat.room(of: ann, number: 1000 + number)) }
            let other = try await chat.room(of: .regular("Ben"), number: 2000)
            _ = try await chat.send("50% off_", in: rooms[1], by: admin)
            _ = try await chat.close(rooms[2], "ÉTÉ", by: admin)
            func ids(_ query: [String: String], by caller: Caller = ann) async throws -> Set<Identifier> {
                Set(try await chat.rooms(query, by: caller).items.map(\.orderID))
            }
            #expect(try await ids([:]) == Set(rooms))
            #expect(try await ids([:], by: admin) == Set(rooms + [other]))
            #expect(try await ids(["open": "false"]) == [rooms[2]])
            #expect(try await ids(["open": "true"]) == Set(rooms).subtracting([rooms[2]]))
            #expect(try await ids(["unread": "true"]) == [rooms[1], rooms[2]])
            #expect(try await ids(["q": "50% OFF_"]) == [rooms[1]])
            #expect(try await ids(["q": "%"]) == [rooms[1]])
            #expect(try await ids(["q": "été"]) == [rooms[2]])
            #expect(try await ids(["q": "1003"]) == [rooms[3]])
            #expect(try await ids(["q": "ben"], by: admin) == [other])
            #expect(try await ids(["q": "Ben"]) == [])

            var seen: [Identifier] = []
            var query = ["limit": "2"]
            while true {
                let page = try await chat.rooms(query, by: ann)
                seen += page.items.map(\.orderID)
                guard let next = page.nextCursor else { break }
                query["cursor"] = next
            }
            #expect(Set(seen) == Set(rooms) && seen.count == 5)
            #expect(Set(seen.prefix(2)) == [rooms[1], rooms[2]])
        }
    }

    @Test("A search finds the last message, the summary and the owner in any case and normalisation")
    func foldedSearch() async throws {
        try await ChatFixture.with { chat async throws in
            let (owner, admin) = (Caller.regular("ΣΊΣΥΦΟΣ"), Caller.admin())
            let spoken = try await chat.room(of: owner)
            let closed = try await chat.room(of: .regular("Ben"), number: 2000)
            _ = try await chat.send("ΟΔΟΣΑΘΗΝΑΣ", in: spoken, by: owner)
            _ = try await chat.close(closed, "CAFÉ", by: admin)
            for (q, room) in [
                ("ΟΔΟΣ", spoken), ("οδος", spoken), ("αθηνας", spoken), ("αθηνασ", spoken), ("σίσυφος", spoken),
                ("σι\u{301}συφοσ", spoken), ("cafe\u{301}", closed), ("café", closed), ("BEN", closed),
            ] {
                #expect(try await chat.rooms(["q": q], by: admin).items.map(\.orderID) == [room], "\(q)")
            }
            #expect(try await chat.rooms(["q": "cafe"], by: admin).items.isEmpty)
        }
    }

    @Test(
        "A cursor of no room that there can be is invalid",
        arguments: [
            "-1", "-62135596800001", "-62167219200001", "-140737488355327", "253402300800000",
            "9223372036854775807", "-9223372036854775808", "+1", "01", "-0", "1e3", "",
        ])
    func forgedCursor(milliseconds: String) async throws {
        try await ChatFixture.with { chat async throws in
            let cursor = Base64URL.encode(Array("\(milliseconds) 0197a1b2-c3d4-7e5f-8a6b-ffeeddccbbaa".utf8))
            #expect(try await refusal { try await chat.rooms(["cursor": cursor], by: .admin()) }.code == .invalidCursor)
        }
    }

    @Test(
        "The first and the last moment that can be written are places in the list", arguments: [0, 253_402_300_799_999])
    func extremeCursor(milliseconds: Int64) async throws {
        try await ChatFixture.with { chat async throws in
            let owner = Caller.regular()
            _ = try await chat.room(of: owner)
            let place = RoomPosition(activity: Timestamp(milliseconds: milliseconds), orderID: .make())
            let found = try await chat.rooms(["cursor": Cursor.encode(place)], by: owner).items
            #expect(found.count == (milliseconds == 0 ? 0 : 1))
        }
    }

    @Test("Heads tell how far rooms are, and leave out what does not exist")
    func heads() async throws {
        try await ChatFixture.with { chat async throws in
            let owner = Caller.regular()
            let room = try await chat.room(of: owner)
            _ = try await chat.send("a", in: room, by: owner)
            let read = ReadHeads(store: chat.store)
            let heads = try await read.handle(Chat.Heads(orderIDs: [room, .make()]), .background()).read()
            #expect(heads.rooms == [RoomHead(orderID: room, lastSeq: 1)])
            let many = (0..<501).map { _ in Identifier.make() }
            #expect(
                try await refusal { try await read.handle(Chat.Heads(orderIDs: many), .background()) }.code
                    == .validationFailed)
        }
    }
}
