import Contracts
import Persistence
import Postgres
import Primitives

/// A signing key as it is stored.
struct StoredKey: Sendable {
    var kid: String
    var publicJWK: JSON
    /// The private half, sealed.
    var sealed: [UInt8]
}

extension AuthStore {
    /// The key that signs; `nil` before the first start.
    func newestKey() async throws -> (kid: String, sealed: [UInt8])? {
        try await database.withConnection(idempotent: true) { session in
            try session.first(
                """
                select kid, sealed from signing_keys where retired_at is null
                order by created_at desc, kid desc limit 1
                """
            ).map { row in try row.decode(String.self, [UInt8].self) }
        }
    }

    /// The keys of all access tokens that may be alive, the newest first.
    ///
    /// Only the sealed halves: what stands in `public_jwk` beside them is written for replicas of the version before
    /// and believed by nobody, since whoever can write the table could put a key of their own there.
    func livingKeys() async throws -> [(kid: String, sealed: [UInt8])] {
        let horizon = lifetimes.keyHorizon(at: now())
        return try await database.withConnection(idempotent: true) { session in
            try session.execute(
                """
                select kid, sealed from signing_keys where retired_at is null or retired_at > \(horizon)
                order by created_at desc, kid desc
                """
            ).map { row in try row.decode(String.self, [UInt8].self) }
        }
    }

    /// Stores a key unless there is one: of replicas that start at once, one stores its own.
    func addFirstKey(_ key: StoredKey) async throws {
        let now = now()
        try await database.withTransaction { session in
            _ = try session.executeAndCommit([
                Self.lock,
                """
                insert into signing_keys (kid, public_jwk, sealed, created_at)
                select \(key.kid), \(JSONText(key.publicJWK.encoded))::json, \(key.sealed)::bytea, \(now)::timestamptz
                where not exists (select from signing_keys where retired_at is null)
                """,
            ])
        }
    }

    /// Stores a key and retires all others.
    func replaceKeys(by key: StoredKey) async throws {
        let now = now()
        try await database.withTransaction { session in
            _ = try session.executeAndCommit([
                Self.lock,
                "update signing_keys set retired_at = \(now) where retired_at is null",
                """
                insert into signing_keys (kid, public_jwk, sealed, created_at)
                values (\(key.kid), \(JSONText(key.publicJWK.encoded))::json, \(key.sealed), \(now))
                """,
            ])
        }
    }

    /// Makes a key good for nothing, and puts `replacement` in its place when no other key signs. Gateways are told.
    /// - Returns: the keys by which tokens are signed from now on, the newest first; `nil` when there is no such key.
    func revokeKey(_ kid: String, replacement: StoredKey) async throws -> [String]? {
        let (now, longAgo) = (now(), Timestamp(milliseconds: 0))
        return try await database.withTransaction(telling: outbox) { session, events in
            let results = try session.pipeline([
                Self.lock,
                """
                update signing_keys set revoked_at = coalesce(revoked_at, \(now)), retired_at = \(longAgo)
                where kid = \(kid)
                """,
                """
                insert into signing_keys (kid, public_jwk, sealed, created_at)
                select \(replacement.kid), \(JSONText(replacement.publicJWK.encoded))::json,
                    \(replacement.sealed)::bytea, \(now)::timestamptz
                where exists (select from signing_keys where kid = \(kid))
                    and not exists (select from signing_keys where retired_at is null)
                """,
                "select kid from signing_keys where retired_at is null order by created_at desc, kid desc",
            ])
            guard results[1].affected == 1 else { return nil }
            try events.add(Auth.KeysChanged(revoked: [kid], at: now), key: .make())
            return try results[3].map { row in try row[0, as: String.self] }
        }
    }

    /// Held to the end of the transaction; the statements after it see what was committed before it was got.
    private static let lock: SQL = "select pg_advisory_xact_lock(\(advisoryKey("auth.signing-keys")))"
}
