import Persistence
import Postgres

extension Expiry {
    /// What sessions that have long been over tell of their devices.
    static let devices = Expiry("devices of old sessions", after: 30 * 86_400) { limit in
        """
        update sessions set device = null where id in (
            select id from sessions where device is not null and (ended_at <= \(limit) or expires_at <= \(limit))
            limit \(batch) for update skip locked)
        """
    }
}
