import Synchronization

/// The key that signs now, kept up to date while the service runs.
package final class KeyRing: Sendable {
    private let current = Mutex<SigningKey?>(nil)

    package init() {}

    /// `nil` until the service has prepared its start; no request comes before that.
    var signingKey: SigningKey? { current.withLock { $0 } }

    func use(_ key: SigningKey) { current.withLock { $0 = key } }
}
