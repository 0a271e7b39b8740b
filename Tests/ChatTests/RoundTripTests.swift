import Messaging
import Primitives
import TestKit
import Testing

@testable import ChatService

/// What an operation costs is what it waits for the database.
struct RoundTripTests {
    @Test("A message is sent in two round trips, with and without an id of its client's")
    func send() async throws {
        let cutter = try CommitCutter(server: try TestDatabase.serverPort())
        defer { cutter.stop() }
        try await ChatFixture.with(through: cutter.port) { chat in
            let ann = Caller.regular()
            let room = try await chat.room(of: ann)
            _ = try await chat.send("first", in: room, by: ann)
            for id in [nil, Identifier.make()] {
                let begun = cutter.roundTrips
                _ = try await chat.send("second", in: room, by: ann, clientMessageID: id)
                #expect(cutter.roundTrips - begun == 2)
            }
        }
    }
}
