import Contracts
import Messaging
import Primitives
import ServiceKit

/// `auth.login`: signs in with e-mail and password.
///
/// Whoever does not know the password learns nothing: not from the answer and not from its time whether there is such
/// an account, and not whether it is disabled.
struct LogIn: Sendable {
    let store: AuthStore
    let hasher: PasswordHasher
    let tokens: TokenIssuer
    var log = AccountLog.none

    func handle(_ request: Auth.Login, _ context: CallContext) async throws -> Answer<SignedIn> {
        let credentials = try Credentials(body: request.body)
        let record = try await store.password(email: credentials.email)
        let isRight = try await hasher.verify(
            credentials.password, against: record?.hash, deadline: context.deadline)
        guard let record, isRight, let hash = record.hash else {
            log.signInFailed(
                record?.account.id, credentials.email, record == nil ? .unknownAccount : .wrongPassword, context)
            throw Credentials.refused
        }
        // A second factor is asked for here; what is wrong with it is `secondFactorRefused`.
        guard record.account.isUsable else {
            log.signInFailed(record.account.id, credentials.email, .disabled, context)
            throw ServiceError(.accountDisabled, "This account is disabled.")
        }
        // Only a right password can be hashed anew, so an account from before a change of parameters costs twice, once.
        let renewed =
            hash.parameters == hasher.parameters
            ? nil : try await hasher.hash(credentials.password, deadline: context.deadline)
        let session = NewSession(device: request.device, context: context, after: record.account.endedSessions)
        guard let account = try await store.signIn(record, renewed: renewed, session, context: context) else {
            log.signInFailed(record.account.id, credentials.email, .changedMeanwhile, context)
            throw Credentials.refused
        }
        log.record(.signedIn, context, user: account.id, session: session.id)
        return Answer(try await tokens.answer(account, session, delivery: credentials.delivery))
    }
}
