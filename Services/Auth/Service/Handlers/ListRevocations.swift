import Contracts
import Logging
import Messaging

/// `auth.revocations`: what gateways must refuse although the signature is good. Not for users, so there is no caller
/// to check.
struct ListRevocations: Sendable {
    let store: AuthStore
    let logger: Logger

    func handle(_ request: Auth.Revocations, _ context: RequestContext) async throws -> Answer<RevocationList> {
        let list = try await store.revocations()
        let limit = AuthStore.revocationLimit
        if list.sessions.count >= limit.sessions || list.users.count >= limit.users {
            logger.warning(
                "more revocations than are told: shorter access tokens need fewer",
                metadata: ["sessions": "\(list.sessions.count)", "users": "\(list.users.count)"])
        }
        return Answer(list)
    }
}
