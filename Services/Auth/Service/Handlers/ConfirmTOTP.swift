import Contracts
import Messaging
import ServiceKit

/// `auth.confirm-totp`: turns the caller's second factor on, by a code that shows that their authenticator has the
/// secret. The code counts as used.
struct ConfirmTOTP: Sendable {
    let store: AuthStore
    let hasher: PasswordHasher
    let protection: Protection
    var log = AccountLog.none

    func handle(_ request: Auth.ConfirmTOTP, _ context: CallContext) async throws -> Answer<RecoveryCodes> {
        let caller = try context.requireCaller()
        let code = try SecondFactorConfirmation(body: request.body).code
        let codes = (0..<RecoveryCode.count).map { _ in RecoveryCode.make() }
        let check = PasswordCheck(store: store, hasher: hasher, protection: protection)
        try await check.requireCode(of: caller, context) { () -> Void? in
            guard let stored = try await store.enrolment(of: caller),
                case .step(let step) = protection.factors.proof(code, stored, of: caller.userID, at: store.now())
            else { return nil }
            let hashes = codes.map { RecoveryCode.hash($0.text, of: caller.userID) }
            return try await store.confirm(caller, stored, step: step, recovery: hashes) ? () : nil
        }
        log.secondFactor(isOn: true, context)
        return Answer(RecoveryCodes(recoveryCodes: codes.map(\.text)))
    }
}
