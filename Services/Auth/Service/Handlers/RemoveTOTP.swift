import Contracts
import Messaging
import ServiceKit

/// `auth.remove-totp`: turns the caller's second factor off, by the password and a code, which may be one for recovery.
struct RemoveTOTP: Sendable {
    let store: AuthStore
    let hasher: PasswordHasher
    let protection: Protection
    var log = AccountLog.none

    func handle(_ request: Auth.RemoveTOTP, _ context: CallContext) async throws -> Answer<Nothing> {
        let caller = try context.requireCaller()
        let removal = try SecondFactorRemoval(body: request.body)
        let record = try await store.password(of: caller)
        let check = PasswordCheck(store: store, hasher: hasher, protection: protection)
        try await check.require(removal.currentPassword, record, context)
        guard let factor = record.secondFactor else { throw ServiceError.notFound("second factor") }
        try await check.requireCode(of: caller, context) { () -> Void? in
            let proof = protection.factors.proof(removal.code, factor, of: caller.userID, at: store.now())
            guard let proof else { return nil }
            return try await store.removeSecondFactor(of: caller, proof) ? () : nil
        }
        log.secondFactor(isOn: false, context)
        return .nothing
    }
}
