import Messaging
package import Primitives

/// What becomes of a refresh token that is presented.
package enum RefreshRule {
    /// What is to be done with the token and its session.
    package enum Decision: Sendable, Equatable {
        /// It is used up and another one takes its place.
        case rotate
        /// It was used up a moment ago: two tabs of one browser, or a client that did not get the answer. The token that
        /// took its place is given again.
        case giveAgain
        case refuse
        /// Somebody has a token that was used before: either they or the first user stole it, so the session must end.
        case endSession
    }

    /// - Parameters:
    ///   - usedAt: when the token was used, if it was.
    ///   - expiresAt: the end of the token's life.
    ///   - sessionEndsAt: the end of its session's life, however often it is refreshed.
    ///   - sessionIsLive: the session has not been ended.
    ///   - accountIsUsable: neither disabled nor deleted.
    ///   - grace: after its use, in which the token may come again.
    package static func decide(
        usedAt: Timestamp?, expiresAt: Timestamp, sessionEndsAt: Timestamp, sessionIsLive: Bool, accountIsUsable: Bool,
        grace: Duration, now: Timestamp
    ) -> Decision {
        // An ended session is not ended a second time: its end has been told.
        guard sessionIsLive else { return .refuse }
        let mayGoOn = accountIsUsable && sessionEndsAt > now
        if let usedAt {
            // Before the look at the expiry: a copy that turns up late is as stolen as one that turns up early.
            guard now.milliseconds - usedAt.milliseconds < grace.milliseconds else { return .endSession }
            return mayGoOn ? .giveAgain : .refuse
        }
        return mayGoOn && expiresAt > now ? .rotate : .refuse
    }
}
