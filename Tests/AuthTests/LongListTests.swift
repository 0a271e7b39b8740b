import Contracts
import Messaging
import Postgres
import Primitives
import TestKit
import Testing

@testable import AuthService

/// Lists that other processes and clients read page by page.
@Suite(.bounded)
struct LongListTests {
    @Test("Many sessions are listed in pages, newest first")
    func sessions() async throws {
        try await AuthFixture.with { auth in
            let user = try await auth.register()
            for _ in 0..<24 { _ = try await auth.logIn(user.user.email) }
            var (query, ids, pages) = (["limit": "10"], [Identifier](), 0)
            while true {
                let page = try await ListSessions(store: auth.store).handle(
                    Auth.ListSessions(query: QueryParameters(query)), try await auth.context(user)
                ).read()
                (ids, pages) = (ids + page.items.map(\.id), pages + 1)
                guard let next = page.nextCursor else { break }
                query["cursor"] = next
            }
            #expect(ids.count == 25 && pages == 3 && ids == ids.sorted(by: >))
            for bad in ["0", "101", "x"] {
                await #expect(throws: ServiceError.self) {
                    _ = try await ListSessions(store: auth.store).handle(
                        Auth.ListSessions(query: QueryParameters(["limit": bad])), try await auth.context(user))
                }
            }
        }
    }

    @Test("However many sessions have ended, gateways are told of all of them, a page at a time")
    func revocations() async throws {
        try await AuthFixture.with { auth in
            let user = try await auth.register()
            let (now, count) = (auth.clock.now, 2 * AuthStore.revocationPage.sessions + 500)
            // Many at the same moment: the place of a page is not a time alone.
            try await auth.store.database.withConnection { session in
                _ = try session.execute(
                    """
                    insert into sessions (id, user_id, created_at, last_seen_at, ended_at, end_reason, expires_at)
                    select gen_random_uuid(), \(user.user.id), \(now), \(now), \(now), 'revoked',
                        \(now.advanced(bySeconds: 86_400)) from generate_series(1, \(count))
                    """)
            }
            var (place, ids, pages) = (String?.none, Set<Identifier>(), 0)
            repeat {
                let answer = try await ListRevocations(store: auth.store).handle(
                    Auth.Revocations(after: place), auth.context())
                #expect(answer.body.count < PageBudget.bytes)
                let list = try answer.read()
                ids.formUnion(list.sessions)
                (place, pages) = (list.next, pages + 1)
            } while place != nil && pages < 10
            #expect(ids.count == count && pages == 3)
        }
    }

    @Test("A place that nobody gave begins at the beginning")
    func forgedPlace() async throws {
        try await AuthFixture.with { auth in
            for place in ["", "x", "MDE5", Cursor.encode(Identifier.make())] {
                let list = try await ListRevocations(store: auth.store).handle(
                    Auth.Revocations(after: place), auth.context()
                ).read()
                #expect(list == RevocationList(sessions: [], users: []))
            }
        }
    }

    @Test("Changed accounts are listed in the order of their changes; one that never changed is not")
    func changedUsers() async throws {
        try await AuthFixture.with { auth in
            let admin = try await auth.admin()
            let users = [try await auth.register(), try await auth.register(), try await auth.register()]
            func changed(after place: ChangePlace? = nil) async throws -> [Auth.UserChanged] {
                try await ListChangedUsers(store: auth.store).handle(Auth.ChangedUsers(after: place), auth.context())
                    .read().users
            }
            #expect(try await changed().isEmpty)
            _ = try await auth.update(users[1].user.id, #"{"role":"Admin"}"#, by: admin)
            _ = try await auth.update(users[0].user.id, #"{"disabled":true}"#, by: admin)
            let all = try await changed()
            #expect(all.map(\.userID) == [users[1].user.id, users[0].user.id])
            #expect(all.map(\.version) == [2, 2] && all[1].disabled)
            let rest = try await changed(after: ChangePlace(at: all[0].at, id: all[0].userID))
            #expect(rest == [all[1]])
            _ = try await auth.update(users[1].user.id, #"{"role":"Regular"}"#, by: admin)
            #expect(try await changed(after: ChangePlace(at: all[1].at, id: all[1].userID)).map(\.version) == [3])
            try await auth.delete(users[2].user.id, by: admin)
            #expect(try await changed().last?.name == "Deleted user")
        }
    }
}
