import Contracts
import JWTKit
import Logging
import Messaging
import Persistence
import Postgres
import Primitives
import Synchronization
import TestKit

@testable import AuthService

/// The auth service on a database of its own, without transport: handlers are called directly.
struct AuthFixture: Sendable {
    let store: AuthStore
    let hasher: PasswordHasher
    let keys: KeyRing
    let tokens: TokenIssuer
    let protection: Protection
    let clock: TestClock

    static let secret = "0123456789abcdef0123456789abcdef"
    static let lifetimes = Lifetimes(accessToken: 900, refreshToken: 86_400)
    /// Seconds after which a used refresh token comes too late.
    static let grace: Int64 = 10
    static let password = "correct horse"
    /// As cheap as the library allows.
    static let cost = Argon2Parameters(memoryKiB: 8, iterations: 1)

    static func with(
        lifetimes: Lifetimes = lifetimes, _ body: (AuthFixture) async throws -> Void
    ) async throws {
        try await TestDatabase.with(schema: "auth", migrations: try AuthService.migrations) { database in
            let fixture = AuthFixture(database: database, lifetimes: lifetimes)
            try await fixture.keys.prepare()
            try await body(fixture)
        }
    }

    private init(database: Database, lifetimes: Lifetimes) {
        let clock = TestClock()
        self.clock = clock
        store = AuthStore(
            database: database, outbox: Outbox(schema: "auth"), lifetimes: lifetimes, now: { clock.now })
        hasher = PasswordHasher(parameters: Self.cost, concurrency: 2)
        keys = KeyRing(store: store, secret: Self.secret)
        tokens = TokenIssuer(keys: keys, lifetimes: lifetimes, now: { clock.now })
        protection = Protection(store: store, secret: Self.secret)
    }
}

/// A clock that stands until it is moved.
final class TestClock: Sendable {
    private let time = Mutex(Timestamp.now())

    var now: Timestamp { time.withLock { $0 } }

    func advance(bySeconds seconds: Int64) { time.withLock { $0 = $0.advanced(bySeconds: seconds) } }
}

// MARK: - Operations

extension AuthFixture {
    func register(
        name: String = "Ann", email: String? = nil, password: String = password, device: String? = nil,
        from client: String? = nil, cookie: String? = nil
    ) async throws -> SignedIn {
        let email = email ?? "user-\(Identifier.make())@example.com"
        let body = #"{"name":"\#(name)","email":"\#(email)","password":"\#(password)"}"#
        return try await RegisterAccount(store: store, hasher: hasher, tokens: tokens, protection: protection)
            .handle(
                Auth.Register(device: device, deviceToken: cookie, body: Array(body.utf8)), context(from: client)
            ).read()
    }

    func logIn(
        _ email: String?, _ password: String = password, code: String? = nil, delivery: String = "body",
        device: String? = nil, from client: String? = nil, cookie: String? = nil
    ) async throws -> SignedIn {
        let code = code.map { #","code":"\#($0)""# } ?? ""
        let body =
            #"{"email":"\#(email ?? "")","password":"\#(password)","tokenDelivery":"\#(delivery)"\#(code)}"#
        return try await LogIn(store: store, hasher: hasher, tokens: tokens, protection: protection)
            .handle(
                Auth.Login(device: device, deviceToken: cookie, body: Array(body.utf8)), context(from: client)
            ).read()
    }

    func refresh(_ token: String, from client: String? = nil) async throws -> SignedIn {
        try await RefreshSession(store: store, tokens: tokens)
            .handle(Auth.Refresh(body: Array(#"{"refreshToken":"\#(token)"}"#.utf8)), context(from: client)).read()
    }

    func logOut(_ token: String?, as user: SignedIn? = nil) async throws -> LoggedOut {
        let body = token.map { #"{"refreshToken":"\#($0)"}"# } ?? ""
        var context = context()
        if let user { context = try await self.context(user) }
        return try await LogOut(store: store).handle(Auth.Logout(body: Array(body.utf8)), context).read()
    }

    func endSessions(of id: Identifier, by admin: SignedIn) async throws {
        _ = try await EndUserSessions(store: store)
            .handle(Auth.EndUserSessions(userID: id), try await context(admin))
    }

    func changePassword(
        of user: SignedIn, _ current: String = password, to new: String = "another one"
    ) async throws {
        let body = #"{"currentPassword":"\#(current)","newPassword":"\#(new)"}"#
        _ = try await ChangePassword(store: store, hasher: hasher, protection: protection)
            .handle(Auth.ChangePassword(body: Array(body.utf8)), try await context(user))
    }

    /// A signed-in Admin.
    func admin(name: String = "Root") async throws -> SignedIn {
        let email = "admin-\(Identifier.make())@example.com"
        _ = try await AdminMaker(store: store, hasher: hasher)
            .make(NewAdmin(name: name, email: email, password: Self.password))
        return try await logIn(email)
    }

    func update(_ id: Identifier, _ json: String, by admin: SignedIn) async throws -> User {
        try await UpdateUser(store: store)
            .handle(Auth.UpdateUser(userID: id, body: Array(json.utf8)), try await context(admin)).read()
    }

    func delete(_ id: Identifier, by admin: SignedIn) async throws {
        _ = try await DeleteUser(store: store).handle(Auth.DeleteUser(userID: id), try await context(admin))
    }

    func sessions(_ user: SignedIn) async throws -> [LiveSession] {
        try await ListSessions(store: store).handle(
            Auth.ListSessions(query: QueryParameters()), try await context(user)
        ).read().items
    }

    func me(_ user: SignedIn) async throws -> User {
        try await GetMe(store: store).handle(Auth.GetMe(), try await context(user)).read()
    }

    func users(_ query: [String: String], by admin: SignedIn) async throws -> Page<User> {
        try await ListUsers(store: store)
            .handle(Auth.ListUsers(query: QueryParameters(query)), try await context(admin)).read()
    }
}

// MARK: - What came of them

extension AuthFixture {
    /// - Parameter client: where the client is.
    func context(from client: String? = nil) -> CallContext {
        CallContext(requestID: "test", client: client.flatMap { IPAddress($0) })
    }

    /// The context of a request with the access token of `user`, read as a gateway reads it.
    func context(_ user: SignedIn) async throws -> CallContext {
        CallContext(caller: try await caller(user), requestID: "test")
    }

    func caller(_ user: SignedIn) async throws -> Caller {
        let claims = try await claims(user)
        guard let id = Identifier(claims.sub), let session = Identifier(claims.sid),
            let role = Role(rawValue: claims.role)
        else { throw JSONMismatch(expected: "claims") }
        return Caller(userID: id, sessionID: session, role: role, name: claims.name)
    }

    func claims(_ user: SignedIn) async throws -> AccessTokenClaims {
        let set = String(decoding: JSONWriter.encode(try await keys.publicKeys()), as: UTF8.self)
        return try await JWTKeyCollection().add(jwksJSON: set).verify(user.accessToken, as: AccessClaims.self).claims
    }

    /// What stands in the outbox, oldest first.
    func events() async throws -> [(subject: String, key: Identifier, content: JSON)] {
        try await store.database.withConnection { session in
            try session.execute("select subject, key, payload from outbox order by position").map { row in
                let (subject, key, payload) = try row.decode(String.self, Identifier.self, [UInt8].self)
                return (subject, key, try JSONParser.parse(payload).value)
            }
        }
    }

    func ended() async throws -> [Auth.SessionEnded] {
        try await events().filter { $0.subject == Auth.SessionEnded.subject }.map {
            try Auth.SessionEnded(json: $0.content)
        }
    }

    func changed() async throws -> [Auth.UserChanged] {
        try await events().filter { $0.subject == Auth.UserChanged.subject }.map {
            try Auth.UserChanged(json: $0.content)
        }
    }

    func count(_ query: SQL) async throws -> Int {
        try await store.database.withConnection { try $0.first(query)?[0, as: Int.self] ?? 0 }
    }
}
