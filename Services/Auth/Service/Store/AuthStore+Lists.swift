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

    /// What gateways must refuse although the signature is good, at most `limit` of each kind, the latest first.
    func revocations(limit: Int = 100_000) async throws -> RevocationList {
        let horizon = lifetimes.revocationHorizon(at: now())
        return try await database.withConnection(idempotent: true) { session in
            let found = try session.pipeline([
                "select id from sessions where ended_at > \(horizon) order by ended_at desc limit \(limit)",
                """
                select \(sql: AccountRow.columns), u.access_changed_at from users u
                where u.access_changed_at > \(horizon) order by u.access_changed_at desc limit \(limit)
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
