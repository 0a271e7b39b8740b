import Synchronization

/// How many requests may be in work at once; one more is refused at once. So waiting never piles up unseen, and a
/// refusal costs next to nothing.
package final class RequestLimit: Sendable {
    private let limit: Int
    private let inWork = Atomic<Int>(0)

    /// - Parameter limit: requests in work at once, of all who share this object.
    package init(_ limit: Int) { self.limit = limit }

    /// Runs `body` if there is room.
    /// - Throws: `service-unavailable` when there is none.
    func admit<Result: Sendable>(
        _ body: () async throws(ServiceError) -> Result
    ) async throws(ServiceError) -> Result {
        defer { inWork.wrappingSubtract(1, ordering: .relaxed) }
        guard inWork.wrappingAdd(1, ordering: .relaxed).newValue <= limit else { throw .overloaded }
        return try await body()
    }
}
