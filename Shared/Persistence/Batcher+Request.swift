package import Messaging
package import Postgres

extension Batcher {
    /// `submit` for a request, with its deadline.
    ///
    /// - Throws: as `submit`, but `upstream-timeout` when its turn came too late: its own time is over, and nothing has
    ///   failed that would be worth a line in the log.
    package func submit(_ item: Item, for context: CallContext) async throws -> Output {
        do {
            return try await submit(item, deadline: context.deadline)
        } catch let error as DatabaseError where error.code == .tooLate {
            throw ServiceError.tooLate
        }
    }
}
