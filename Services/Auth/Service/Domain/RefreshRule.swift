package import Primitives

/// What becomes of a refresh token that is presented.
package enum RefreshRule {
    /// What is to be done with the token and its session.
    package enum Decision: Sendable, Equatable {
        /// It is used up and another one takes its place.
        case rotate
        case refuse
        /// Somebody has a token that was used before: either they or the first user stole it, so the session must end.
        case endSession
    }

    /// - Parameters:
    ///   - usedAt: when the token was used, if it was.
    ///   - expiresAt: the end of the token's life, which is also that of its session.
    ///   - sessionIsLive: the session has not been ended.
    ///   - accountIsUsable: neither disabled nor deleted.
    package static func decide(
        usedAt: Timestamp?, expiresAt: Timestamp, sessionIsLive: Bool, accountIsUsable: Bool, now: Timestamp
    ) -> Decision {
        // An ended session is not ended a second time: its end has been told.
        guard sessionIsLive else { return .refuse }
        // Before the look at the expiry: a copy that turns up late is as stolen as one that turns up early.
        if usedAt != nil { return .endSession }
        return expiresAt > now && accountIsUsable ? .rotate : .refuse
    }
}
