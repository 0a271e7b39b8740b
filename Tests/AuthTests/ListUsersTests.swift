import Contracts
import Messaging
import Primitives
import TestKit
import Testing

@testable import AuthService

@Suite(.bounded)
struct ListUsersTests {
    @Test("Pages hold every account once, newest first")
    func pages() async throws {
        try await AuthFixture.with { auth in
            let admin = try await auth.admin()
            for _ in 0..<6 { _ = try await auth.register() }
            var found: [Identifier] = []
            var query = ["limit": "3"]
            repeat {
                let page = try await auth.users(query, by: admin)
                found += page.items.map(\.id)
                query["cursor"] = page.nextCursor
            } while query["cursor"] != nil
            #expect(found == found.sorted(by: >) && found.count == 7 && found.last == admin.user.id)
        }
    }

    @Test("A search finds a literal part of name or address in any case")
    func search() async throws {
        try await AuthFixture.with { auth in
            let admin = try await auth.admin()
            let zoe = try await auth.register(name: "ZOË 100%", email: "first_one@example.com").user.id
            let ann = try await auth.register(name: "Ann", email: "FIRST-one@example.com").user.id
            func ids(_ q: String) async throws -> [Identifier] {
                try await auth.users(["q": q], by: admin).items.map(\.id)
            }
            let sisyphus = try await auth.register(name: "ΣΊΣΥΦΟΣ", email: "ΣΑΣ@example.com").user.id
            #expect(try await ids("zoë") == [zoe])
            #expect(try await ids("ZOE\u{308}") == [zoe])
            for q in ["σίσυφος", "ΊΣΥΦΟΣ", "σας@", "ΣΑΣ@E", "ίσυφοσ"] {
                #expect(try await ids(q) == [sisyphus], "\(q)")
            }
            #expect(try await ids("0%") == [zoe])
            #expect(try await ids("first_one") == [zoe])
            #expect(try await ids("First-One") == [ann])
            #expect(try await ids("%").count == 1)
            #expect(try await ids("\\").isEmpty)
            #expect(try await ids("annfirst").isEmpty)
        }
    }

    @Test("A list shows one role when asked to")
    func role() async throws {
        try await AuthFixture.with { auth in
            let admin = try await auth.admin()
            let user = try await auth.register()
            #expect(try await auth.users(["role": "Admin"], by: admin).items.map(\.id) == [admin.user.id])
            #expect(try await auth.users(["role": "Regular"], by: admin).items.map(\.id) == [user.user.id])
        }
    }

    @Test(
        "A bad query is refused",
        arguments: [
            (["role": "Root"], ErrorCode.validationFailed), (["limit": "0"], .validationFailed),
            (["limit": "101"], .validationFailed), (["cursor": "nonsense"], .invalidCursor),
        ])
    func bad(_ query: [String: String], _ code: ErrorCode) async throws {
        try await AuthFixture.with { auth in
            let admin = try await auth.admin()
            #expect(try await refusal { try await auth.users(query, by: admin) }.code == code)
        }
    }
}
