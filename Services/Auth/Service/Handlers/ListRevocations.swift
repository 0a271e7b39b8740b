import Contracts
import Messaging

/// `auth.revocations`: what gateways must refuse although the signature is good. Not for users, so there is no caller
/// to check.
struct ListRevocations: Sendable {
    let store: AuthStore

    func handle(_ request: Auth.Revocations, _ context: RequestContext) async throws -> Answer<RevocationList> {
        Answer(try await store.revocations())
    }
}
