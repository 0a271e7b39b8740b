package import Postgres
import Synchronization
package import Testing

/// The `DatabaseError` that `body` throws. When it throws none, the test fails.
package func databaseError<R>(
    sourceLocation: SourceLocation = #_sourceLocation, _ body: () async throws -> R
) async throws -> DatabaseError {
    do {
        _ = try await body()
    } catch let error as DatabaseError {
        return error
    }
    throw TestFailure.recorded("no error was thrown", sourceLocation: sourceLocation)
}

/// Runs `body` while a transaction of `database` that executed `statement` stays open.
@discardableResult
package func holding<R: Sendable>(
    _ statement: SQL, on database: Database, _ body: @Sendable @escaping () async throws -> R
) async throws -> R {
    let isHeld = Barrier()
    let mayEnd = Barrier()
    return try await withThrowingTaskGroup(of: R?.self) { group in
        group.addTask {
            try await database.withTransaction { session in
                try session.execute(statement)
                isHeld.open()
                mayEnd.wait()
            }
            return nil
        }
        group.addTask {
            defer { mayEnd.open() }
            try await eventually("the lock is held") { isHeld.isPassed }
            return try await body()
        }
        var result: R?
        while let value = try await group.next() { result = value ?? result }
        guard let result else { throw TestFailure("no result") }
        return result
    }
}

/// Runs async work from a connection's thread, which may block. Never from one of Swift's own.
@discardableResult
package func blocking<R: Sendable>(_ body: @Sendable @escaping () async throws -> R) throws -> R {
    let outcome = Outcome<R>()
    Task { await outcome.set(from: body) }
    return try outcome.wait()
}

private final class Outcome<R: Sendable>: Sendable {
    private let result = Mutex<Result<R, any Error>?>(nil)
    private let isThere = Barrier()

    func set(from body: @Sendable () async throws -> R) async {
        let value: Result<R, any Error>
        do { value = .success(try await body()) } catch { value = .failure(error) }
        result.withLock { $0 = value }
        isThere.open()
    }

    func wait() throws -> R {
        isThere.wait()
        guard let value = result.withLock({ $0 }) else { throw TestFailure("blocked for too long") }
        return try value.get()
    }
}
