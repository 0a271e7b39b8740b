/// Runs `work` beside `body`; cancels it when `body` is done.
package func during(
    _ work: @escaping @Sendable () async throws -> Void, _ body: @Sendable () async throws -> Void
) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await work() }
        try await body()
        group.cancelAll()
        try await group.waitForAll()
    }
}
