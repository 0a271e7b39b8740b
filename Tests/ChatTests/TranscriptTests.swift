import Contracts
import Messaging
import Postgres
import Primitives
import TestKit
import Testing

@testable import ChatService

/// `chat.transcript`: pages of a whole conversation.
@Suite(.bounded)
struct TranscriptTests {
    private func page(
        _ chat: ChatFixture, _ room: Identifier, after: Int? = nil, upTo: Int? = nil, by caller: Caller
    ) async throws -> TranscriptPage {
        try await ReadTranscript(finder: chat.finder)
            .handle(
                Chat.Transcript(orderID: room, after: after, upTo: upTo),
                CallContext(caller: caller, requestID: "test")
            ).read()
    }

    /// Many messages at once, as if they had been sent.
    private func fill(_ chat: ChatFixture, _ room: Identifier, by sender: Caller, count: Int, content: String)
        async throws
    {
        _ = try await chat.send("1", in: room, by: sender)
        try await chat.database.withTransaction { session in
            try session.execute(
                """
                insert into messages (order_id, seq, id, kind, sender_id, sender_role, content, created_at)
                select \(room), n, gen_random_uuid(), 'text', \(sender.userID), \(sender.role), \(content), now()
                from generate_series(2, \(count)) as n
                """)
            try session.execute("update rooms set last_seq = \(count) where order_id = \(room)")
        }
    }

    @Test("The first page has the room's facts, later ones have messages alone, and all of them every message once")
    func pages() async throws {
        try await ChatFixture.with { chat async throws in
            let (owner, admin) = (Caller.regular("Olga Owner"), Caller.admin("Adam Admin"))
            let room = try await chat.room(of: owner, number: 1042)
            try await fill(chat, room, by: owner, count: 1100, content: "Hello")
            _ = try await chat.close(room, "Agreed", by: admin)
            let first = try await page(chat, room, by: owner)
            let head = try #require(first.head)
            #expect(head.number == 1042)
            #expect(head.owner == Person(id: owner.userID, name: "Olga Owner"))
            #expect(head.summary == "Agreed" && !head.isOpen && head.closedAt != nil)
            #expect(head.closedBy == Participant(id: admin.userID, name: "Adam Admin", role: .admin))
            #expect(head.lastSeq == 1101)
            var all = first.messages
            while all.count < head.lastSeq {
                let next = try await page(chat, room, after: all.count, upTo: head.lastSeq, by: owner)
                #expect(next.head == nil)
                try #require(!next.messages.isEmpty && next.messages.count <= 500)
                all += next.messages
            }
            #expect(all.map(\.seq) == Array(1...1101))
            #expect(all.last?.kind == .summary)
        }
    }

    @Test("What is sent after the first page is not in the transcript")
    func snapshot() async throws {
        try await ChatFixture.with { chat async throws in
            let owner = Caller.regular()
            let room = try await chat.room(of: owner)
            for index in 1...3 { _ = try await chat.send("\(index)", in: room, by: owner) }
            let end = try #require(try await page(chat, room, by: owner).head?.lastSeq)
            _ = try await chat.send("4", in: room, by: owner)
            #expect(try await page(chat, room, after: 1, upTo: end, by: owner).messages.map(\.content) == ["2", "3"])
            #expect(try await page(chat, room, after: 3, upTo: end, by: owner).messages.isEmpty)
        }
    }

    @Test(
        "A page has fewer messages when they are large, at least one, and is always below the bound of lists",
        arguments: [
            (String(repeating: "𝄞", count: 4000), 5), (String(repeating: "\u{1}", count: 4000), 20),
            (String(repeating: "\u{1}", count: 150), 500), (String(repeating: "𝄞", count: 30_000), 1),
        ])
    func largePages(content: String, expected: Int) async throws {
        try await ChatFixture.with { chat async throws in
            let owner = Caller.regular()
            let room = try await chat.room(of: owner)
            try await fill(chat, room, by: owner, count: 1000, content: content)
            var (place, most) = (1, 0)
            while place < 1000 {
                let next = try await page(chat, room, after: place, upTo: 1000, by: owner)
                try #require(next.messages.first?.seq == place + 1)
                #expect(next.messages.count == expected || next.messages.last?.seq == 1000)
                place = next.messages.last?.seq ?? place
                most = max(most, JSONWriter.encode(next).count)
                if expected < 50, place > 100 { break }
            }
            #expect(most < PageBudget.bytes)
        }
    }

    @Test("An empty room has facts and no messages")
    func empty() async throws {
        try await ChatFixture.with { chat async throws in
            let owner = Caller.regular()
            let room = try await chat.room(of: owner, number: 1001)
            let first = try await page(chat, room, by: .admin())
            #expect(first.messages.isEmpty)
            #expect(first.head?.lastSeq == 0 && first.head?.isOpen == true && first.head?.number == 1001)
        }
    }

    @Test("Every page is for the owner and for Admins only")
    func access() async throws {
        try await ChatFixture.with { chat async throws in
            let (owner, other) = (Caller.regular(), Caller.regular())
            let room = try await chat.room(of: owner)
            _ = try await chat.send("1", in: room, by: owner)
            #expect(try await refusal { try await page(chat, room, by: other) }.code == .forbidden)
            #expect(try await refusal { try await page(chat, room, after: 1, upTo: 1, by: other) }.code == .forbidden)
            let nobodys = Chat.Transcript(orderID: room)
            let handler = ReadTranscript(finder: chat.finder)
            #expect(try await refusal { try await handler.handle(nobodys, .background()) }.code == .unauthenticated)
            #expect(try await page(chat, room, after: 0, upTo: 1, by: .admin()).messages.count == 1)
        }
    }

    @Test("A number that no message can have is refused", arguments: [-1, Int(Int32.max) + 1, Int.max, Int.min])
    func badNumbers(seq: Int) async throws {
        try await ChatFixture.with { chat async throws in
            let owner = Caller.regular()
            let room = try await chat.room(of: owner)
            let refused = try await refusal { try await page(chat, room, after: seq, by: owner) }
            #expect(refused.faults.map(\.field) == ["after"])
            let alsoRefused = try await refusal { try await page(chat, room, upTo: seq, by: owner) }
            #expect(alsoRefused.faults.map(\.field) == ["upTo"])
        }
    }
}
