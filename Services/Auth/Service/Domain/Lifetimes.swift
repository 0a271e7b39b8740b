package import Primitives

/// How long what is handed out is good for, in whole seconds but for the grace.
package struct Lifetimes: Sendable, Equatable {
    package var accessToken: Int64
    /// Begins anew with every rotation, the session with it.
    package var refreshToken: Int64
    /// Of a session from its beginning, however often it is refreshed.
    package var session: Int64
    /// From its rotation on, in which a refresh token may come again.
    package var refreshGrace: Duration

    package init(
        accessToken: Int64, refreshToken: Int64, session: Int64 = 30 * 86_400, refreshGrace: Duration = .seconds(10)
    ) {
        self.accessToken = accessToken
        self.refreshToken = refreshToken
        self.session = session
        self.refreshGrace = refreshGrace
    }

    /// When a session that began at `begin` is over at the latest.
    package func end(ofSessionFrom begin: Timestamp) -> Timestamp { begin.advanced(bySeconds: session) }

    /// When a refresh token of such a session is of no use any more, if it is made now.
    package func refreshEnd(ofSessionFrom begin: Timestamp, at now: Timestamp) -> Timestamp {
        min(now.advanced(bySeconds: refreshToken), end(ofSessionFrom: begin))
    }

    /// The same of an access token.
    package func accessEnd(ofSessionFrom begin: Timestamp, at now: Timestamp) -> Timestamp {
        min(now.advanced(bySeconds: accessToken), end(ofSessionFrom: begin))
    }

    /// Before this moment nothing needs to be revoked any more: every access token of then has expired. A minute is
    /// left for clocks that do not agree.
    package func revocationHorizon(at now: Timestamp) -> Timestamp { now.advanced(bySeconds: -(accessToken + 60)) }

    /// A key retired before this moment has no access token alive. Replicas go on signing with it until they have
    /// reloaded the keys.
    package func keyHorizon(at now: Timestamp) -> Timestamp { now.advanced(bySeconds: -(accessToken + 300)) }
}
