import Persistence
import Postgres

extension Expiry {
    /// What sessions that have long been over tell of their devices and whereabouts.
    static let devices = Expiry("devices of old sessions", after: 30 * 86_400) { limit in
        """
        update sessions set device = null, address = null where id in (
            select id from sessions
            where (device is not null or address is not null) and (ended_at <= \(limit) or expires_at <= \(limit))
            limit \(batch) for update skip locked)
        """
    }
}
