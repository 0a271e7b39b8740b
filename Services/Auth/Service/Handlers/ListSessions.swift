import Contracts
import Messaging
import Primitives

/// `auth.list-sessions`: the caller's live sessions, newest first.
struct ListSessions: Sendable {
    let store: AuthStore

    func handle(_ request: Auth.ListSessions, _ context: CallContext) async throws -> Answer<Page<LiveSession>> {
        let caller = try context.requireCaller()
        var query = QueryReader(request.query)
        let limit = query.limit(Auth.ListSessions.parameters.limit)
        try query.finish()
        let found = try await store.sessions(
            of: caller, after: try query.cursor(Auth.ListSessions.parameters.cursor, as: Identifier.self),
            limit: limit + 1)
        return .page(of: found, limit: limit, position: \.id)
    }
}
