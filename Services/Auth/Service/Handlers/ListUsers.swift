import Contracts
import Messaging
import Primitives

/// `auth.list-users`: accounts, newest first; for Admins.
struct ListUsers: Sendable {
    let store: AuthStore

    func handle(_ request: Auth.ListUsers, _ context: CallContext) async throws -> Answer<Page<User>> {
        let admin = try context.requireAdmin()
        var query = QueryReader(request.query)
        let fields = Auth.ListUsers.parameters
        let limit = query.limit(fields.limit)
        let filter = AccountFilter(role: query.choice(fields.role), search: query.search(fields.search))
        try query.finish()
        let found = try await store.accounts(
            filter, after: try query.cursor(fields.cursor, as: Identifier.self), limit: limit + 1, for: admin)
        return .page(of: found, limit: limit, item: \.user, position: \.id)
    }
}
