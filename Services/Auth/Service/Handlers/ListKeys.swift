import Contracts
import Messaging

/// `auth.keys`: the public keys that verify access tokens. Read from the database each time, so that a key made by
/// another replica is there.
struct ListKeys: Sendable {
    let keys: KeyRing

    func handle(_ request: Auth.Keys, _ context: CallContext) async throws -> Answer<KeySet> {
        Answer(try await keys.publicKeys())
    }
}
