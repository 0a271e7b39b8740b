import Messaging
import Postgres
import Primitives
import TestKit
import Testing

@testable import ChatService

@Suite(.bounded)
struct LockedRoomTests {
    @Test("While somebody holds one room's row, messages of other rooms go on within a second, and its own follow")
    func others() async throws {
        // As in production, where the fixture is patient.
        try await ChatFixture.with(adjust: { $0.lockTimeout = .milliseconds(300) }) { chat in
            let ann = Caller.regular()
            var rooms: [Identifier] = []
            for number in 0..<20 { rooms.append(try await chat.room(of: ann, number: 1000 + number)) }
            let (locked, others) = (rooms[0], rooms.dropFirst())
            let isReleased = Barrier()
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    try await chat.database.withDedicatedConnection(statementTimeout: .seconds(30)) { holder in
                        try await holder.withTransaction { session in
                            try session.pipeline([
                                "select 1 from rooms where order_id = \(locked) for update", "select pg_sleep(4)",
                            ])
                            isReleased.open()
                        }
                    }
                }
                try await eventually("the row is held") {
                    try await chat.count("select count(*) from pg_stat_activity where query like '%pg_sleep(4)%'") > 1
                }
                for number in 0..<5 {
                    group.addTask {
                        _ = try await chat.send("locked \(number)", in: locked, by: ann, deadline: .seconds(20))
                        #expect(isReleased.isPassed, "it went through a lock")
                    }
                }
                // Several waves, so that batches with and without the held room come after each other.
                for wave in 0..<3 {
                    let start = ContinuousClock.now
                    try await withThrowingTaskGroup(of: Void.self) { senders in
                        for room in others {
                            senders.addTask { _ = try await chat.send("\(wave)", in: room, by: ann) }
                        }
                        try await senders.waitForAll()
                    }
                    #expect(!isReleased.isPassed, "the others waited for the lock")
                    // Twice what is promised, on a machine that is shared with other tests.
                    #expect(ContinuousClock.now - start < .seconds(2).slackened)
                }
                try await group.waitForAll()
            }
            #expect(try await chat.stored(locked).map(\.seq) == Array(1...5))
        }
    }

    @Test("A message that had no turn before its client gave up is not stored")
    func tooLate() async throws {
        try await ChatFixture.with { chat in
            let ann = Caller.regular()
            let room = try await chat.room(of: ann)
            let code = try await refusal { try await chat.send("late", in: room, by: ann, deadline: .zero) }.code
            #expect(code == .upstreamTimeout)
            #expect(try await chat.stored(room).isEmpty)
        }
    }
}
