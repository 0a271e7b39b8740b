import Contracts
import Messaging
import Primitives
import TestKit
import Testing

@testable import ChatService

struct SendBatchTests {
    private let owner = Caller.regular("Ann")
    private let admin = Caller.admin("Root")
    private let room = Identifier.make()
    private let closed = Identifier.make()

    private func batch(names: [(Identifier, String)] = [], earlier: [Message] = []) -> SendBatch {
        SendBatch(
            rooms: [
                .init(orderID: room, ownerID: owner.userID, lastSeq: 4, isOpen: true),
                .init(orderID: closed, ownerID: owner.userID, lastSeq: 9, isOpen: false),
            ], names: names, earlier: earlier, now: Timestamp(milliseconds: 1000))
    }

    private func message(
        _ content: String = "hi", in room: Identifier, by sender: Caller, id: Identifier? = nil
    ) throws -> NewMessage {
        var body = #"{"content":"\#(content)""#
        if let id { body += #","clientMessageId":"\#(id)""# }
        return NewMessage(
            id: .make(), orderID: room, sender: sender, draft: try MessageDraft(body: Array("\(body)}".utf8)))
    }

    private func words(_ sent: SentMessage) -> String {
        switch sent {
        case .stored(let message, _): "stored \(message.seq)"
        case .repeated(let message): "repeated \(message.seq)"
        case .refused(let error): error.code.rawValue
        case .noRoom: "no room"
        }
    }

    @Test("Messages of a batch get the next numbers in their order; refused ones take none")
    func numbers() throws {
        var batch = batch()
        let results = try [
            message("a", in: room, by: owner), message("b", in: room, by: .regular("Eve")),
            message("c", in: closed, by: owner), message("d", in: .make(), by: owner),
            message("e", in: room, by: admin),
        ].map { words(batch.add($0)) }
        #expect(results == ["stored 5", "forbidden", "room-closed", "no room", "stored 6"])
        #expect(batch.new.map(\.content) == ["a", "e"])
        #expect(batch.new.map(\.sender.role) == [.regular, .admin])
    }

    @Test("A repeat gets the first message: of an earlier batch, of the same one, and of a closed room")
    func repeats() throws {
        let id = Identifier.make()
        let earlier = Message.made("old", in: closed, seq: 3, by: owner, clientMessageID: id)
        var batch = batch(earlier: [earlier])
        let results = try [
            message("x", in: closed, by: owner, id: id), message("x", in: closed, by: owner, id: .make()),
            message("a", in: room, by: owner, id: id), message("b", in: room, by: owner, id: id),
            message("c", in: room, by: admin, id: id),
        ].map { words(batch.add($0)) }
        // The same id in another room, or of another sender, is another message.
        #expect(results == ["repeated 3", "room-closed", "stored 5", "repeated 5", "stored 6"])
        #expect(batch.new.map(\.content) == ["a", "c"])
    }

    @Test("A stranger who knows a clientMessageId is refused, not answered")
    func strangersRepeat() throws {
        let id = Identifier.make()
        var batch = batch()
        _ = batch.add(try message(in: room, by: owner, id: id))
        let answer = words(batch.add(try message(in: room, by: .regular("Eve"), id: id)))
        #expect(answer == "forbidden")
    }

    @Test("A sender is called what auth says, and otherwise what the token says")
    func names() throws {
        var batch = batch(names: [(owner.userID, "Anna")])
        _ = batch.add(try message(in: room, by: owner))
        _ = batch.add(try message(in: room, by: admin))
        #expect(batch.new.map(\.sender.name) == ["Anna", "Root"])
    }

    @Test("What is answered is the encoding of what is stored")
    func encoding() throws {
        var batch = batch()
        guard case .stored(let message, let encoded) = batch.add(try message("x", in: room, by: owner)) else {
            Issue.record("not stored")
            return
        }
        #expect(try Message(jsonBytes: encoded) == message)
    }

    @Test(
        "A message is 1 to 4000 characters that are not all white space, and its own id is a UUID",
        arguments: [
            (#"{"content":"a"}"#, nil), (#"{"content":"a","clientMessageId":null}"#, nil),
            (#"{"content":"\#(String(repeating: "é", count: 4000))"}"#, nil),
            (#"{"content":"\#(String(repeating: "é", count: 4001))"}"#, "content length"),
            (#"{"content":""}"#, "content length"), (#"{"content":" \n"}"#, "content blank"),
            (#"{"content":null}"#, "content null"), (#"{}"#, "content required"),
            (#"{"content":"a\u0000"}"#, "content characters"),
            (#"{"content":"a","clientMessageId":"7"}"#, "clientMessageId format"),
            (#"{"content":"a","sender":"x"}"#, "sender unknown"),
        ] as [(String, String?)])
    func drafts(body: String, fault: String?) {
        do {
            _ = try MessageDraft(body: Array(body.utf8))
            #expect(fault == nil)
        } catch {
            #expect(error.faults.map { "\($0.field) \($0.code)" } == [fault ?? ""])
        }
    }

    @Test("A window is the newest messages, those before, those after, or those between")
    func windows() throws {
        let table: [([String: String], MessageWindow)] = [
            ([:], .init(direction: .latest(before: nil), limit: 20)),
            (["before": "9", "limit": "5"], .init(direction: .latest(before: 9), limit: 5)),
            (["after": "0"], .init(direction: .following(after: 0, before: nil), limit: 20)),
            (["after": "3", "before": "9"], .init(direction: .following(after: 3, before: 9), limit: 20)),
        ]
        for (query, window) in table { #expect(try MessageWindow(QueryParameters(query)) == window) }
        for query in [["after": "-1"], ["before": "x"], ["limit": "101"], ["after": "2147483648"]] {
            #expect(throws: ServiceError.self) { try MessageWindow(QueryParameters(query)) }
        }
    }
}
