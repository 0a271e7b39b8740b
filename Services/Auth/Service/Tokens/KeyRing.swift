import Contracts
import Messaging
import Primitives
import Synchronization

/// The key that signs now, kept up to date while the service runs.
package final class KeyRing: Sendable {
    private let store: AuthStore
    private let seal: KeySeal
    /// By which refresh tokens follow one another, under the same secret.
    let refreshChain: RefreshChain
    private let current = Mutex<SigningKey?>(nil)

    /// - Parameter secret: `JWT_SECRET`, which protects the keys in the database.
    package init(store: AuthStore, secret: String) {
        self.store = store
        seal = KeySeal(secret: secret)
        refreshChain = RefreshChain(secret: secret)
    }

    /// Makes the first key when there is none and takes the newest. Two replicas that start at once end up with the
    /// same one.
    /// - Throws: `SigningKeyError` when the newest key cannot be opened; the service must not start then.
    package func prepare() async throws {
        if try await store.newestKey() == nil {
            let key = try await SigningKey.make()
            try await store.addFirstKey(StoredKey(key, sealedBy: seal))
        }
        try await reload()
    }

    /// Takes the newest key, if it is not in use already.
    /// - Throws: as `prepare`; the key in use stays.
    func reload() async throws {
        guard let newest = try await store.newestKey(), newest.kid != current.withLock({ $0?.kid }) else { return }
        let key = try await SigningKey(kid: newest.kid, sealed: newest.sealed, seal: seal)
        current.withLock { $0 = key }
    }

    /// Adds a key that signs from now on and retires the others, whether they can be opened or not.
    /// - Returns: the name of the new key.
    package func rotate() async throws -> String {
        let key = try await SigningKey.make()
        try await store.replaceKeys(by: StoredKey(key, sealedBy: seal))
        return key.kid
    }

    /// Makes a key good for nothing, whatever it has signed; another one signs from now on.
    /// - Returns: the name of the key that signs now; `nil` when there is no key of the name `kid`.
    package func revoke(_ kid: String) async throws -> String? {
        let replacement = try StoredKey(try await SigningKey.make(), sealedBy: seal)
        return try await store.revokeKey(kid, replacement: replacement)?.first
    }

    /// The public keys of all access tokens that may be alive, the newest first, each made from its private half. A key
    /// that the secret does not open is left out: nobody who knows the secret has made it.
    func publicKeys() async throws -> KeySet {
        var keys: [JSON] = []
        for stored in try await store.livingKeys() {
            do {
                keys.append(try await SigningKey(kid: stored.kid, sealed: stored.sealed, seal: seal).publicJWK)
            } catch is SigningKeyError {
                continue
            }
        }
        return KeySet(keys: keys)
    }

    /// The signed token in compact form.
    func sign(_ claims: AccessClaims) async throws -> String {
        // Requests are served only after `prepare`.
        guard let key = current.withLock({ $0 }) else { throw ServiceError.unavailable }
        return try await key.sign(claims)
    }
}

extension StoredKey {
    fileprivate init(_ key: SigningKey, sealedBy seal: KeySeal) throws {
        self.init(kid: key.kid, publicJWK: key.publicJWK, sealed: try key.sealed(by: seal))
    }
}
