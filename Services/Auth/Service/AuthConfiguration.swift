package import Configuration
package import Contracts
import Foundation
import Messaging
import Primitives
package import ServiceKit

/// The settings of the auth service: those that every service with a schema has, under `auth`, and its own.
package struct AuthConfiguration: Sendable {
    package var backend: BackendConfiguration
    /// `JWT_SECRET`: protects the signing keys in the database; at least 32 bytes.
    package var secret: String
    /// `JWT_ACCESS_EXPIRATION` (15m), `JWT_REFRESH_EXPIRATION` (7d), `JWT_SESSION_MAXIMUM` (30d) and `REFRESH_GRACE`
    /// (10s).
    package var lifetimes: Lifetimes
    /// `JWT_ISSUER` and `JWT_AUDIENCE` (orderline).
    package var parties: TokenParties
    /// `PASSWORD_HASH_MEMORY_KIB` (19456) and `PASSWORD_HASH_ITERATIONS` (2), never below these.
    package var passwordCost: Argon2Parameters
    /// `PASSWORD_HASH_CONCURRENCY`: password hashes computed at once. One processor is left for other work where there
    /// are more than two.
    package var passwordConcurrency: Int
    /// `REQUIRE_ADMIN_TOTP` (false): Admins without a second factor may only turn one on.
    package var requiresAdminTOTP: Bool
    /// `RATE_LIMIT_ENABLED` (true): whether wrong sign-ins are counted by network as well. By account they always are.
    package var countsNetworks: Bool
    /// `ADMIN_EMAIL` and `ADMIN_PASSWORD`, both or none, and `ADMIN_NAME` (Admin): made at the start, once for an
    /// address, unless it has an account.
    package var firstAdmin: NewAdmin?

    /// - Throws: an error that lists every fault.
    package init(reader: ConfigReader) throws {
        var settings = Settings(reader)
        backend = BackendConfiguration(service: "auth", reader: reader, settings: &settings)
        secret = settings.string("jwt.secret", isSecret: true)
        if !secret.isEmpty, secret.utf8.count < KeySeal.leastSecretLength {
            settings.fault("jwt.secret", "must have at least \(KeySeal.leastSecretLength) bytes")
        }
        let access = settings.duration(
            "jwt.access.expiration", default: .seconds(900), in: .seconds(1) ... .seconds(86_400))
        let refresh = settings.duration(
            "jwt.refresh.expiration", default: .seconds(7 * 86_400), in: .seconds(1) ... .seconds(366 * 86_400))
        let session = settings.duration(
            "jwt.session.maximum", default: .seconds(30 * 86_400), in: .seconds(1) ... .seconds(3660 * 86_400))
        lifetimes = Lifetimes(
            accessToken: access.components.seconds, refreshToken: refresh.components.seconds,
            session: session.components.seconds,
            refreshGrace: settings.duration("refresh.grace", default: .seconds(10), in: .zero ... .seconds(300)))
        if refresh < access {
            settings.fault("jwt.refresh.expiration", "must not be shorter than JWT_ACCESS_EXPIRATION")
        }
        if session < access {
            settings.fault("jwt.session.maximum", "must not be shorter than JWT_ACCESS_EXPIRATION")
        }
        parties = TokenParties(
            issuer: settings.string("jwt.issuer", default: TokenParties.standard),
            audience: settings.string("jwt.audience", default: TokenParties.standard))
        if let fault = TokenParties.fault(in: parties.issuer) { settings.fault("jwt.issuer", fault) }
        if let fault = TokenParties.fault(in: parties.audience) { settings.fault("jwt.audience", fault) }
        let least = Argon2Parameters()
        passwordCost = Argon2Parameters(
            memoryKiB: UInt32(
                settings.integer(
                    "password.hash.memory.kib", default: Int(least.memoryKiB), in: Int(least.memoryKiB)...1_048_576)),
            iterations: UInt32(
                settings.integer(
                    "password.hash.iterations", default: Int(least.iterations), in: Int(least.iterations)...32)))
        let processors = ProcessInfo.processInfo.activeProcessorCount
        passwordConcurrency = settings.integer("password.hash.concurrency", default: max(2, processors - 1), in: 1...64)
        requiresAdminTOTP = settings.flag("require.admin.totp", default: false)
        countsNetworks = settings.flag("rate.limit.enabled", default: true)
        firstAdmin = Self.firstAdmin(&settings)
        try settings.finish()
    }

    private static func firstAdmin(_ settings: inout Settings) -> NewAdmin? {
        let email = settings.optionalString("admin.email")
        let password = settings.optionalString("admin.password", isSecret: true)
        guard let email, let password else {
            if email != nil { settings.fault("admin.password", "is missing, as ADMIN_EMAIL is set") }
            if password != nil { settings.fault("admin.email", "is missing, as ADMIN_PASSWORD is set") }
            return nil
        }
        // A secret that could not be taken has its fault already.
        guard !password.isEmpty else { return nil }
        do {
            return try NewAdmin(name: settings.string("admin.name", default: "Admin"), email: email, password: password)
        } catch {
            for fault in error.faults { settings.fault("admin.\(fault.field)", fault.message) }
            return nil
        }
    }
}
