import Contracts
import Messaging
import Primitives
import ServiceKit

/// `auth.register`: makes a Regular account and signs it in.
struct RegisterAccount: Sendable {
    let store: AuthStore
    let hasher: PasswordHasher
    let tokens: TokenIssuer
    let protection: Protection
    var log = AccountLog.none

    func handle(_ request: Auth.Register, _ context: CallContext) async throws -> Answer<SignedIn> {
        let registration = try Registration(body: request.body)
        let hash = try await hasher.hash(
            registration.password, for: context.client, deadline: context.deadline)
        let account = Account(id: .make(), name: registration.name, email: registration.email, role: .regular)
        let session = NewSession(device: request.device, context: context)
        let device = DeviceToken(request.deviceToken) ?? (registration.delivery == .cookie ? .make() : nil)
        let place = protection.keys.place(device: device, network: context.client?.network)
        try await store.register(account, hash, session, from: place)
        log.created(account.user, "registration", context)
        log.record(.signedIn, context, user: account.id, session: session.id)
        let answer = try await tokens.answer(account, session, delivery: registration.delivery, device: device)
        return Answer(answer, metadata: AnswerMetadata(isCreated: true, id: account.id))
    }
}
