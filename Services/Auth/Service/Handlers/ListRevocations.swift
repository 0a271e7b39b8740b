import Contracts
import Messaging

/// `auth.revocations`: what gateways must refuse although the signature is good. Not for users, so there is no caller
/// to check.
struct ListRevocations: Sendable {
    let store: AuthStore

    func handle(_ request: Auth.Revocations, _ context: CallContext) async throws -> Answer<RevocationList> {
        let place = request.after.flatMap { Cursor.decode($0, as: RevocationPlace.self) }
        return Answer(try await store.revocations(after: place))
    }
}
