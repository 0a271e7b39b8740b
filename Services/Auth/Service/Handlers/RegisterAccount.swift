import Contracts
import Messaging
import Primitives
import ServiceKit

/// `auth.register`: makes a Regular account and signs it in.
struct RegisterAccount: Sendable {
    let store: AuthStore
    let hasher: PasswordHasher
    let tokens: TokenIssuer
    var log = AccountLog.none

    func handle(_ request: Auth.Register, _ context: CallContext) async throws -> Answer<SignedIn> {
        let registration = try Registration(body: request.body)
        let hash = try await hasher.hash(registration.password, deadline: context.deadline)
        let account = Account(id: .make(), name: registration.name, email: registration.email, role: .regular)
        let session = NewSession(device: request.device, context: context)
        try await store.register(account, hash, session)
        log.created(account.user, "registration", context)
        log.record(.signedIn, context, user: account.id, session: session.id)
        let answer = try await tokens.answer(account, session, delivery: registration.delivery)
        return Answer(answer, metadata: AnswerMetadata(isCreated: true, id: account.id))
    }
}
