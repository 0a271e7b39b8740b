import Contracts
import Messaging

/// `auth.list-sessions`: the caller's live sessions, newest first.
struct ListSessions: Sendable {
    let store: AuthStore

    func handle(_ request: Auth.ListSessions, _ context: RequestContext) async throws -> Answer<SessionList> {
        Answer(SessionList(items: try await store.sessions(of: try context.requireCaller())))
    }
}
