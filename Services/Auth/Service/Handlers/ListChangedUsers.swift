import Contracts
import Messaging

/// `auth.changed-users`: the latest changes of accounts, for services that keep names. Not for users, so there is no
/// caller to check.
struct ListChangedUsers: Sendable {
    let store: AuthStore

    func handle(_ request: Auth.ChangedUsers, _ context: CallContext) async throws -> Answer<ChangedUserList> {
        let limit = Auth.ChangedUsers.pageSize
        let found = try await store.changedAccounts(after: request.after, limit: limit + 1)
        return Answer(ChangedUserList(users: Array(found.prefix(limit)), hasMore: found.count > limit))
    }
}
