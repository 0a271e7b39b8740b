import TestKit
import Testing

@testable import Messaging

@Suite(.bounded)
struct RequestLimitTests {
    @Test("One request over the limit is refused at once, and one that ends makes room")
    func limit() async throws {
        let limit = RequestLimit(2)
        let doors = [Door(), Door()]
        try await withThrowingTaskGroup(of: Void.self) { group in
            for door in doors {
                group.addTask {
                    try await limit.admit { () throws(ServiceError) in await door.wait() }
                }
            }
            // Whatever fails, nobody must wait at a door for ever.
            defer { for door in doors { door.open() } }
            try await eventually("both are in work") { doors.allSatisfy { $0.waitingCount == 1 } }
            await #expect(throws: ServiceError.overloaded) {
                try await limit.admit { () throws(ServiceError) in Issue.record("it was admitted") }
            }
            doors[0].open()
            try await group.next()
            let answer = try await limit.admit { () throws(ServiceError) in 7 }
            #expect(answer == 7)
            doors[1].open()
            try await group.waitForAll()
        }
    }
}
