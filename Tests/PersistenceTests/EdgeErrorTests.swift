import Messaging
import TestKit
import Testing

@testable import Persistence
@testable import Postgres

@Suite("What a client is told of a database's error")
struct EdgeErrorTests {
    @Test("Each kind has its answer; faults of ours have none", arguments: EdgeErrorTests.answers)
    func answer(error: DatabaseError, expected: ServiceError?) {
        #expect(ServiceError(error) == expected)
    }

    private static let answers: [(DatabaseError, ServiceError?)] =
        [
            (.tooLate, .tooLate), (.poolExhausted, .overloaded), (.acquireTimeout, .unavailable),
            (.unavailable, .unavailable), (.connectTimeout, .unavailable), (.statementTimeout, .unavailable),
            (.connectionLost, .unavailable), (.closed, .unavailable), (.commitOutcomeUnknown, .unavailable),
            (.decoding, nil), (.invalidParameter, nil), (.configuration, nil), (.misuse, nil),
        ].map { (DatabaseError($0, "as it is"), $1) }
        + [
            ("55P03", .unavailable), ("40001", .unavailable), ("25006", .unavailable), ("53100", .unavailable),
            ("23505", nil), ("42601", nil),
        ].map { state, answer in
            let fault = ServerFault(sqlState: SQLState(rawValue: state), severity: "ERROR", message: "as it is")
            return (DatabaseError(fault), answer)
        }

    @Test(
        "A request whose turn comes too late is answered 504 with its Retry-After, and so is one that was too late before"
    )
    func tooLate() async throws {
        let batches = Batcher<Int, Int> { items in items.map { .success($0) } }
        let late = CallContext(requestID: "late", deadline: .now)
        let error = await #expect(throws: ServiceError.self) { try await batches.submit(1, for: late) }
        #expect(error?.code == .upstreamTimeout)
        #expect(error?.detail == "The request came too late to be answered.")
        #expect(error?.retryAfter == 1)
        #expect(try await batches.submit(2, for: .background()) == 2)
    }

    @Test("Every other error of a batch comes as it is")
    func others() async throws {
        let batches = Batcher<Int, Int> { _ in throw DatabaseError(.unavailable, "away") }
        let error = try await databaseError { try await batches.submit(1, for: .background()) }
        #expect(error.code == .unavailable)
    }
}
