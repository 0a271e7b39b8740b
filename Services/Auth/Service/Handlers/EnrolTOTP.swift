import Contracts
import Messaging
import ServiceKit

/// `auth.enrol-totp`: gives the caller a secret for an authenticator. It is not asked for before the caller has
/// confirmed it; until then another one takes its place.
struct EnrolTOTP: Sendable {
    let store: AuthStore
    let hasher: PasswordHasher
    let protection: Protection

    func handle(_ request: Auth.EnrolTOTP, _ context: CallContext) async throws -> Answer<TOTPSecret> {
        let caller = try context.requireCaller()
        let enrolment = try SecondFactorEnrolment(body: request.body)
        let record = try await store.password(of: caller)
        try await PasswordCheck(store: store, hasher: hasher, protection: protection).require(
            enrolment.currentPassword, record, context)
        let (secret, sealed) = try protection.factors.make(for: caller.userID)
        // Whoever has only the password must not be able to put another factor in the place of one that is confirmed.
        guard try await store.enrol(caller, sealed: sealed) else {
            throw ServiceError(.forbidden, "This account has a second factor already: remove it first, with its code.")
        }
        let uri = TOTP.uri(secret: secret, account: record.account.email ?? record.account.name)
        return Answer(TOTPSecret(secret: Base32.encode(secret), uri: uri))
    }
}
