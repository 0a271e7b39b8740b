import Contracts
import Messaging
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
        if let search = filter.search { conditions.append("u.search like '%' || \(Self.literal(search)) || '%'") }
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

    /// `text` in lower case as a pattern that stands for itself.
    private static func literal(_ text: String) -> String {
        var pattern = ""
        for scalar in text.lowercased().unicodeScalars {
            if scalar == "%" || scalar == "_" || scalar == "\\" { pattern.append("\\") }
            pattern.unicodeScalars.append(scalar)
        }
        return pattern
    }

    /// The bounds of the list of revocations. Both together stay below the 8 MiB that a message may have.
    static let revocationLimit = (sessions: 100_000, users: 8000)

    /// What gateways must refuse although the signature is good, the latest first.
    func revocations() async throws -> RevocationList {
        let limit = Self.revocationLimit
        let horizon = lifetimes.revocationHorizon(at: now())
        return try await database.withConnection(idempotent: true) { session in
            let found = try session.pipeline([
                "select id from sessions where ended_at > \(horizon) order by ended_at desc limit \(limit.sessions)",
                """
                select \(sql: AccountRow.columns), u.access_changed_at from users u
                where u.access_changed_at > \(horizon) order by u.access_changed_at desc limit \(limit.users)
                """,
            ])
            return RevocationList(
                sessions: try found[0].map { row in try row[0, as: Identifier.self] },
                users: try found[1].map { row in
                    try AccountRow.account(row).changed(at: row["access_changed_at", as: Timestamp.self])
                })
        }
    }
}
