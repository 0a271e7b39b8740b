import Contracts
import Logging
package import Messaging
import Persistence
package import Postgres
import Primitives
import ServiceKit
import ServiceLifecycle

/// The auth service: accounts, sessions and tokens; what it answers and how it runs.
package struct AuthService: Sendable {
    private let configuration: AuthConfiguration
    private let backend: Backend

    /// - Parameter transport: `nil` for NATS, as the configuration says.
    package init(configuration: AuthConfiguration, transport: (any Transport)? = nil) throws {
        self.configuration = configuration
        backend = try Backend(
            declaration: Auth.declaration, configuration: configuration.backend, migrations: try Self.migrations,
            transport: transport)
    }

    package static var migrations: [Migration] {
        get throws {
            [
                try Migration(fileName: "V0001_auth.sql", contents: PackageResources.V0001_auth_sql),
                try Migration(fileName: "V0002_changed_at.sql", contents: PackageResources.V0002_changed_at_sql),
                try Migration(
                    fileName: "V0003_folding.sql",
                    contents: Folding.definition + PackageResources.V0003_folding_sql),
                try Migration(
                    fileName: "V0004_sessions_and_keys.sql", contents: PackageResources.V0004_sessions_and_keys_sql),
                try Migration(fileName: "V0005_credentials.sql", contents: PackageResources.V0005_credentials_sql),
            ]
        }
    }

    /// Brings the schema up to date and returns.
    package func migrate() async throws { try await backend.migrate() }

    /// Serves until told to stop.
    ///
    /// - Throws: `SigningKeyError` when `JWT_SECRET` is not the one that the newest signing key was stored with.
    package func run() async throws { try await backend.run(try parts()) }

    /// All that runs while the service does, in dependency order.
    func parts() throws -> [any Service] {
        let store = AuthStore(
            database: backend.database, outbox: backend.outbox, lifetimes: configuration.lifetimes)
        let hasher = PasswordHasher(
            parameters: configuration.passwordCost, concurrency: configuration.passwordConcurrency)
        let keys = KeyRing(store: store, secret: configuration.secret)
        let protection = Protection(
            store: store, secret: configuration.secret, countsNetworks: configuration.countsNetworks)
        let log = AccountLog(security: backend.runtime.security, secret: configuration.secret)
        let router = Self.router(
            backend.router(for: Auth.declaration), store: store, hasher: hasher,
            tokens: TokenIssuer(
                keys: keys, lifetimes: configuration.lifetimes, parties: configuration.parties,
                requiredOfAdmins: configuration.requiresAdminTOTP ? store : nil),
            protection: protection, log: log)
        observe(hasher)
        let (firstAdmin, logger) = (configuration.firstAdmin, backend.logger)
        let parts: [any Service] = [
            KeyReload(keys: keys, logger: logger), backend.upkeep(.devices, .attempts, .fewAttempts, .places),
        ]
        return try backend.parts(router: router, inboxes: [], parts: parts) { _ in
            try await keys.prepare()
            guard let firstAdmin else { return }
            if let fault = firstAdmin.passwordFault {
                logger.warning("ADMIN_PASSWORD is no password to keep", metadata: ["fault": "\(fault.message)"])
            }
            if let made = try await AdminMaker(store: store, hasher: hasher).makeFirst(firstAdmin) {
                logger.notice("first Admin made", metadata: ["user.id": "\(made.id)"])
                log.created(made, "configuration", nil)
            }
        }
    }

    private func observe(_ hasher: PasswordHasher) {
        let metrics = backend.runtime.metrics
        metrics.observe("orderline_password_waiting", help: "Passwords waiting to be hashed or compared.") {
            Double(hasher.statistics.waiting)
        }
        metrics.observe(
            "orderline_password_refused", help: "Passwords refused since the start because too many waited."
        ) {
            Double(hasher.statistics.refused)
        }
    }

    /// Every operation with its handler.
    static func router(
        _ empty: ServiceRouter, store: AuthStore, hasher: PasswordHasher, tokens: TokenIssuer, protection: Protection,
        log: AccountLog
    ) -> ServiceRouter {
        var router = empty
        router.on(
            Auth.Register.self,
            RegisterAccount(store: store, hasher: hasher, tokens: tokens, protection: protection, log: log).handle)
        router.on(
            Auth.Login.self,
            LogIn(store: store, hasher: hasher, tokens: tokens, protection: protection, log: log).handle)
        router.on(Auth.Refresh.self, RefreshSession(store: store, tokens: tokens, log: log).handle)
        router.on(Auth.Logout.self, LogOut(store: store, log: log).handle)
        router.on(Auth.ListSessions.self, ListSessions(store: store).handle)
        router.on(Auth.EndSession.self, EndSession(store: store, log: log).handle)
        router.on(
            Auth.ChangePassword.self,
            ChangePassword(store: store, hasher: hasher, protection: protection, log: log).handle)
        router.on(Auth.EnrolTOTP.self, EnrolTOTP(store: store, hasher: hasher, protection: protection).handle)
        router.on(
            Auth.ConfirmTOTP.self, ConfirmTOTP(store: store, hasher: hasher, protection: protection, log: log).handle)
        router.on(
            Auth.RemoveTOTP.self, RemoveTOTP(store: store, hasher: hasher, protection: protection, log: log).handle)
        router.on(Auth.GetMe.self, GetMe(store: store).handle)
        router.on(Auth.UpdateMe.self, UpdateMe(store: store, hasher: hasher, protection: protection, log: log).handle)
        router.on(Auth.ListUsers.self, ListUsers(store: store).handle)
        router.on(Auth.GetUser.self, GetUser(store: store).handle)
        router.on(Auth.UpdateUser.self, UpdateUser(store: store, log: log).handle)
        router.on(Auth.DeleteUser.self, DeleteUser(store: store, log: log).handle)
        router.on(Auth.EndUserSessions.self, EndUserSessions(store: store, log: log).handle)
        router.on(Auth.Keys.self, ListKeys(keys: tokens.keys).handle)
        router.on(Auth.Revocations.self, ListRevocations(store: store).handle)
        router.on(Auth.ChangedUsers.self, ListChangedUsers(store: store).handle)
        return router
    }
}
