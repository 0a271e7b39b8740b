import Contracts
import Messaging
import Persistence
import Postgres
import Primitives

/// Which accounts a list shows.
struct AccountFilter: Sendable {
    var role: Role?
    /// A part of the name or of the address, in any case.
    var search: String?
}

extension AuthStore {
    /// Newest first. Identifiers sort by time, so the one after which the page begins is the whole sort key.
    /// - Throws: `unauthenticated` and `forbidden` when the caller is no Admin any more.
    func accounts(
        _ filter: AccountFilter, after: Identifier?, limit: Int, for admin: Caller
    ) async throws -> [Account] {
        var conditions: [SQL] = []
        if let role = filter.role { conditions.append("u.role = \(role.rawValue)") }
        if let search = filter.search {
            conditions.append("u.search like (select \(sql: Folding.pattern(finding: search)))")
        }
        if let after { conditions.append("u.id < \(after)") }
        let condition: SQL = conditions.isEmpty ? "true" : conditions.joined(separator: " and ")
        let query: SQL = """
            select \(sql: AccountRow.columns) from users u where \(sql: condition) order by u.id desc limit \(limit)
            """
        return try await database.withConnection(idempotent: true) { session in
            let found = try session.pipeline([AccountStatements.live(admin), query])
            try Self.requireAdmin(found[0].first)
            return try found[1].map(AccountRow.account)
        }
    }

    /// Sessions, and accounts, on one page of revocations: together well below what a message may have.
    static let revocationPage = (sessions: 10_000, users: 1000)

    /// What gateways must refuse although the signature is good, the latest first, a page at a time: first sessions,
    /// then accounts.
    func revocations(after place: RevocationPlace?) async throws -> RevocationList {
        let page = Self.revocationPage
        let horizon = lifetimes.revocationHorizon(at: now())
        let sessionPlace = place?.session ?? .latest
        let userPlace = place?.user ?? .latest
        return try await database.withConnection(idempotent: true) { session in
            let found = try session.pipeline([
                """
                select id, ended_at from sessions
                where ended_at > \(horizon) and (ended_at, id) < (\(sessionPlace.at), \(sessionPlace.id))
                order by ended_at desc, id desc limit \(page.sessions)
                """,
                """
                select \(sql: AccountRow.columns), u.access_changed_at from users u
                where u.access_changed_at > \(horizon) and (u.access_changed_at, u.id) < (\(userPlace.at), \(userPlace.id))
                order by u.access_changed_at desc, u.id desc limit \(page.users)
                """,
            ])
            let sessions = try found[0].map { row in try row.decode(Identifier.self, Timestamp.self) }
            let users = try found[1].map { row in
                try AccountRow.account(row).changed(at: row["access_changed_at", as: Timestamp.self])
            }
            let isLast = sessions.count < page.sessions && users.count < page.users
            let next = RevocationPlace(
                session: sessions.last.map { ChangePlace(at: $0.1, id: $0.0) } ?? sessionPlace,
                user: users.last.map { ChangePlace(at: $0.at, id: $0.userID) } ?? userPlace)
            return RevocationList(
                sessions: sessions.map(\.0), users: users, next: isLast ? nil : Cursor.encode(next))
        }
    }

    /// Accounts that have changed since they were made, in the order of their changes, after a place.
    func changedAccounts(after place: ChangePlace?, limit: Int) async throws -> [Auth.UserChanged] {
        let place = place ?? .earliest
        return try await database.withConnection(idempotent: true) { session in
            try session.execute(
                """
                select \(sql: AccountRow.columns), u.changed_at from users u
                where (u.changed_at, u.id) > (\(place.at), \(place.id)) order by u.changed_at, u.id limit \(limit)
                """
            ).map { row in try AccountRow.account(row).changed(at: row["changed_at", as: Timestamp.self]) }
        }
    }
}

/// How far a gateway has come in the list of revocations.
struct RevocationPlace: CursorPosition {
    var session: ChangePlace
    var user: ChangePlace

    init(session: ChangePlace, user: ChangePlace) {
        self.session = session
        self.user = user
    }

    var words: [String] { session.words + user.words }

    init?(words: [String]) {
        guard words.count == 4, let session = ChangePlace(words: Array(words[..<2])),
            let user = ChangePlace(words: Array(words[2...]))
        else { return nil }
        self.init(session: session, user: user)
    }
}

extension ChangePlace {
    fileprivate static let earliest = ChangePlace(at: Timestamp(milliseconds: 0), id: Identifier(high: 0, low: 0))
    /// The year 3000.
    fileprivate static let latest = ChangePlace(
        at: Timestamp(milliseconds: 32_503_680_000_000), id: Identifier(high: .max, low: .max))
}
