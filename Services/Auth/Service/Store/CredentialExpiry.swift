import Persistence
import Postgres

extension Expiry {
    /// Counts of wrong attempts that count no more, whatever their limit is.
    static let attempts = Expiry("counts of attempts", after: AttemptLimit.account.memory) { limit in
        """
        delete from attempts where key in (
            select key from attempts where last_at <= \(limit) order by last_at limit \(batch) for update skip locked)
        """
    }

    /// Counts that made nobody wait. There may be many of them, of addresses that somebody made up.
    static let fewAttempts = Expiry("counts of few attempts", after: AttemptLimit.account.window) { limit in
        """
        delete from attempts where key in (
            select key from attempts where last_at <= \(limit) and blocked_until is null
            order by last_at limit \(batch) for update skip locked)
        """
    }

    /// Places from which nobody has signed in for half a year.
    static let places = Expiry("places of old sign-ins", after: 180 * 86_400) { limit in
        """
        delete from known_places using (
            select user_id, key from known_places where last_at <= \(limit) order by last_at
            limit \(batch) for update skip locked
        ) old
        where known_places.user_id = old.user_id and known_places.key = old.key
        """
    }
}
