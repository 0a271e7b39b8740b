import Contracts
import Messaging

/// Asks somebody who is signed in for their password again, before something is changed by which an account could be
/// taken over.
struct PasswordCheck: Sendable {
    let store: AuthStore
    let hasher: PasswordHasher
    let protection: Protection

    /// - Parameter record: what is stored of the caller.
    /// - Throws: `validation-failed` on `currentPassword` for a wrong one; `too-many-attempts`; as `PasswordHasher`.
    func require(_ password: String, _ record: PasswordRecord, _ context: CallContext) async throws {
        let counted = protection.keys.confirmation(.password, of: record.account.id)
        try await protection.throttle.attempt(counted, context) {
            let isRight = try await hasher.verify(
                password, against: record.hash, for: context.client, deadline: context.deadline)
            return isRight ? .right(()) : .wrong(PasswordChange.wrongCurrent)
        }
    }

    /// The same of a code of the second factor.
    /// - Parameter use: uses up what the code claims to be; `nil` when it is not, or was used before.
    /// - Throws: `validation-failed` on `code` for a wrong one; `too-many-attempts`.
    func requireCode<Value: Sendable>(
        of caller: Caller, _ context: CallContext, _ use: () async throws -> Value?
    ) async throws -> Value {
        let counted = protection.keys.confirmation(.code, of: caller.userID)
        return try await protection.throttle.attempt(counted, context) {
            if let value = try await use() { .right(value) } else { .wrong(SecondFactorCode.wrong) }
        }
    }
}
