package import Contracts
import Logging
package import Messaging
import Persistence
import Postgres
import ServiceKit

/// What operators do without a running service. Each brings the schema up to date first, so the order of a first set-up
/// does not matter.
extension AuthService {
    /// Makes an Admin account.
    /// - Throws: `CommandFailure` in words for the operator, when the address is taken or the password a common one.
    package static func createAdmin(_ admin: NewAdmin, configuration: AuthConfiguration) async throws -> User {
        if let fault = admin.passwordFault { throw CommandFailure("The \(fault.field) \(fault.message).") }
        return try await withStore(configuration) { store in
            let hasher = PasswordHasher(parameters: configuration.passwordCost, concurrency: 1)
            do {
                let made = try await AdminMaker(store: store, hasher: hasher).make(admin)
                log(configuration).created(made, "command", nil)
                return made
            } catch let error as ServiceError where error.code == .emailTaken {
                throw CommandFailure("An account with the address \(admin.email) exists already; nothing was changed.")
            }
        }
    }

    /// Turns a second factor off whose owner has lost it.
    /// - Throws: `CommandFailure` when no account with this address has one.
    package static func removeSecondFactor(email: String, configuration: AuthConfiguration) async throws {
        try await withStore(configuration) { store in
            guard let id = try await store.removeSecondFactor(email: email) else {
                throw CommandFailure("No account with the address \(email) has a second factor; nothing was changed.")
            }
            security(configuration).record(.secondFactorChanged, nil, ["target.id": "\(id)", "to": "off"])
        }
    }

    /// Makes a new signing key, which signs from now on; replicas take it up within seconds.
    /// - Returns: its name.
    package static func rotateKeys(configuration: AuthConfiguration) async throws -> String {
        try await withStore(configuration) { store in
            let kid = try await KeyRing(store: store, secret: configuration.secret).rotate()
            security(configuration).record(.keyRotated, nil, ["key.id": "\(kid)"])
            return kid
        }
    }

    /// Makes a signing key good for nothing, with every token that it has signed.
    /// - Returns: the name of the key that signs now.
    /// - Throws: `CommandFailure` when there is no such key.
    package static func revokeKey(_ kid: String, configuration: AuthConfiguration) async throws -> String {
        try await withStore(configuration) { store in
            guard let signing = try await KeyRing(store: store, secret: configuration.secret).revoke(kid) else {
                throw CommandFailure("There is no signing key \(kid); nothing was changed.")
            }
            security(configuration).record(.keyRevoked, nil, ["key.id": "\(kid)"])
            return signing
        }
    }

    /// On standard error of the command, in the form of the service's own lines.
    private static func security(_ configuration: AuthConfiguration) -> SecurityLog {
        Runtime(name: "auth", configuration: configuration.backend.runtime).security
    }

    private static func log(_ configuration: AuthConfiguration) -> AccountLog {
        AccountLog(security: security(configuration), secret: configuration.secret)
    }

    private static func withStore<Result: Sendable>(
        _ configuration: AuthConfiguration, _ body: (AuthStore) async throws -> Result
    ) async throws -> Result {
        var logger = Logger(label: "auth")
        logger.logLevel = .warning
        guard let database = configuration.backend.database else {
            throw CommandFailure("AUTH_DATABASE_URL or DATABASE_URL is missing.")
        }
        return try await withDatabase(database, logger: logger) { database in
            try await Migrator(schema: "auth", migrations: try migrations, logger: logger).migrate(database)
            return try await body(
                AuthStore(database: database, outbox: Outbox(schema: "auth"), lifetimes: configuration.lifetimes))
        }
    }
}

/// Why a command did nothing.
package struct CommandFailure: Error, Sendable, CustomStringConvertible {
    package var description: String

    package init(_ description: String) { self.description = description }

    /// The faults of what an operator has typed.
    package init(_ error: ServiceError) {
        description =
            error.faults.isEmpty
            ? error.detail : error.faults.map { "\($0.field) \($0.message)" }.joined(separator: "; ")
    }
}
