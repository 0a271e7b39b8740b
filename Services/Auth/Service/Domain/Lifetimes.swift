package import Primitives

/// How long what is handed out is good for, in whole seconds.
package struct Lifetimes: Sendable, Equatable {
    package var accessToken: Int64
    /// Begins anew with every rotation, the session with it.
    package var refreshToken: Int64

    package init(accessToken: Int64, refreshToken: Int64) {
        self.accessToken = accessToken
        self.refreshToken = refreshToken
    }

    /// Before this moment nothing needs to be revoked any more: every access token of then has expired. A minute is
    /// left for clocks that do not agree.
    package func revocationHorizon(at now: Timestamp) -> Timestamp { now.advanced(bySeconds: -(accessToken + 60)) }

    /// A key retired before this moment has no access token alive. Replicas go on signing with it until they have
    /// reloaded the keys.
    package func keyHorizon(at now: Timestamp) -> Timestamp { now.advanced(bySeconds: -(accessToken + 300)) }
}
