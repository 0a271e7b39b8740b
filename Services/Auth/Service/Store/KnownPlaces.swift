import Postgres
import Primitives

/// Statements on the table `known_places`.
enum KnownPlaces {
    /// How many are kept of one account: the latest.
    private static let limit = 64

    /// Remembers that an account was signed in to from here.
    static func remember(_ place: PlaceKeys, of userID: Identifier, at now: Timestamp) -> [SQL] {
        // In one order everywhere, so that no two wait for each other.
        let keys = [place.device, place.network].compactMap(\.self).sorted { $0.lexicographicallyPrecedes($1) }
        guard !keys.isEmpty else { return [] }
        return keys.map { key in
            """
            insert into known_places (user_id, key, last_at)
            select u.id, \(key)::bytea, \(now)::timestamptz from users u
            where u.id = \(userID) and not u.disabled and u.deleted_at is null
            on conflict (user_id, key) do update set last_at = excluded.last_at
            """
        } + [
            """
            delete from known_places using (
                select key from known_places where user_id = \(userID) order by last_at desc, key offset \(limit)
                for update skip locked
            ) old
            where known_places.user_id = \(userID) and known_places.key = old.key
            """
        ]
    }
}
