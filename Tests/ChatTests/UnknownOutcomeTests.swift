import Contracts
import Messaging
import Persistence
import Postgres
import Primitives
import ServiceKit
import TestKit
import Testing

@testable import ChatService

/// Connections that are lost at their COMMIT: what became of it is found out by looking, and nothing is done twice.
@Suite(.bounded)
struct UnknownOutcomeTests {
    private func withCutter(_ body: (ChatFixture, CommitCutter) async throws -> Void) async throws {
        let cutter = try CommitCutter(server: try TestDatabase.serverPort())
        defer { cutter.stop() }
        try await ChatFixture.with(through: cutter.port) { try await body($0, cutter) }
    }

    /// Sends many messages at the same moment.
    /// - Returns: those whose senders were told that they are stored, and the errors of the others.
    private func sendTogether(
        _ chat: ChatFixture, in room: Identifier, by ann: Caller, _ contents: [String]
    ) async throws -> (told: Set<String>, errors: [ErrorCode]) {
        try await withThrowingTaskGroup(of: (String, ErrorCode?).self) { group in
            for content in contents {
                group.addTask {
                    do {
                        return (
                            content, try await refusalIfAny { try await chat.send(content, in: room, by: ann) }?.code
                        )
                    } catch let error as DatabaseError {
                        return (content, ServiceError(error)?.code ?? .internal)
                    }
                }
            }
            var (told, errors): (Set<String>, [ErrorCode]) = ([], [])
            for try await (content, error) in group {
                if let error { errors.append(error) } else { told.insert(content) }
            }
            return (told, errors)
        }
    }

    @Test("Messages whose COMMIT was answered and followed by the end of the connection are stored once, and told so")
    func committed() async throws {
        try await withCutter { chat, cutter in
            let ann = Caller.regular()
            let room = try await chat.room(of: ann)
            for round in 0..<5 {
                let contents = (0..<40).map { "\(round)-\($0)" }
                cutter.cut(.after)
                let (told, errors) = try await sendTogether(chat, in: room, by: ann, contents)
                #expect(errors.isEmpty && told == Set(contents))
            }
            #expect(cutter.cuts == 5)
            let stored = try await chat.stored(room)
            #expect(stored.map(\.seq) == Array(1...200))
            #expect(Set(stored.map(\.content)).count == 200, "a message was stored twice")
            // Gateways hear of every message, once for each.
            #expect(chat.signals.all.map(\.seq).sorted() == Array(1...200))
        }
    }

    @Test("Messages whose COMMIT never arrived are not stored, and nobody is told that they are")
    func lost() async throws {
        try await withCutter { chat, cutter in
            let ann = Caller.regular()
            let room = try await chat.room(of: ann)
            cutter.cut(.before)
            let contents = (0..<40).map { "\($0)" }
            let (told, errors) = try await sendTogether(chat, in: room, by: ann, contents)
            #expect(cutter.cuts == 1 && !errors.isEmpty)
            #expect(errors.allSatisfy { $0 == .serviceUnavailable })
            #expect(Set(try await chat.stored(room).map(\.content)) == told)
        }
    }

    @Test("A closing whose COMMIT was answered and followed by the end of the connection is told as done")
    func closed() async throws {
        try await withCutter { chat, cutter in
            let room = try await chat.room(of: .regular())
            cutter.cut(.after)
            let answer = try await chat.close(room, "Agreed", by: .admin()).read()
            #expect(cutter.cuts == 1)
            #expect(answer.summary == "Agreed" && !answer.isOpen && answer.lastSeq == 1)
            #expect(try await chat.stored(room).count == 1)
            #expect(chat.signals.all.count == 1)
        }
    }

    @Test("What repeats a batch by mistake is refused by the database")
    func secondNet() async throws {
        try await ChatFixture.with { chat in
            let ann = Caller.regular()
            let room = try await chat.room(of: ann)
            let id = try await chat.send("once", in: room, by: ann).read().id
            await #expect(throws: (any Error).self) {
                try await chat.database.withConnection { session in
                    _ = try session.execute(
                        """
                        insert into messages (order_id, seq, id, kind, sender_id, sender_role, content, created_at)
                        values (\(room), 2, \(id), 'text', \(ann.userID), 'Regular', 'twice', now())
                        """)
                }
            }
        }
    }
}
