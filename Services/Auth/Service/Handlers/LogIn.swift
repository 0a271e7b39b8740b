import Contracts
import Messaging
import Primitives
import ServiceKit

/// `auth.login`: signs in with e-mail and password, and with a code where the account has a second factor.
///
/// Whoever does not know the password learns nothing: not from the answer and not from its time whether there is such
/// an account, whether it is disabled, and whether it has a second factor. How often it can be tried is counted alike
/// for every address.
struct LogIn: Sendable {
    let store: AuthStore
    let hasher: PasswordHasher
    let tokens: TokenIssuer
    let protection: Protection
    var log = AccountLog.none

    func handle(_ request: Auth.Login, _ context: CallContext) async throws -> Answer<SignedIn> {
        let credentials = try Credentials(body: request.body)
        let network = context.client?.network
        let device = DeviceToken(request.deviceToken)
        let place = protection.keys.place(device: device, network: network)
        let seen = try await store.signInRecord(email: credentials.email, from: place)
        let counted = protection.keys.signIn(seen, place, network: network)
        let answer = try await protection.throttle.attempt(counted, context) {
            try await signIn(credentials, seen.password, device, request, context)
        }
        return Answer(answer)
    }

    private func signIn(
        _ credentials: Credentials, _ record: PasswordRecord?, _ device: DeviceToken?, _ request: Auth.Login,
        _ context: CallContext
    ) async throws -> Throttle.Attempt<SignedIn> {
        let isRight = try await hasher.verify(
            credentials.password, against: record?.hash, for: context.client, deadline: context.deadline)
        guard let record, isRight, let hash = record.hash else {
            log.signInFailed(
                record?.account.id, credentials.email, record == nil ? .unknownAccount : .wrongPassword, context)
            return .wrong(Credentials.refused)
        }
        guard record.account.isUsable else {
            log.signInFailed(record.account.id, credentials.email, .disabled, context)
            return .undecided(ServiceError(.accountDisabled, "This account is disabled."))
        }
        var proof: SecondFactorProof?
        if let factor = record.secondFactor {
            // Whoever is asked for a code has not guessed at one.
            guard let code = credentials.code else {
                log.signInFailed(record.account.id, credentials.email, .secondFactorMissing, context)
                return .undecided(SecondFactorCode.needed)
            }
            proof = protection.factors.proof(code, factor, of: record.account.id, at: store.now())
            guard proof != nil else { return refusedCode(record, context) }
        }
        // Only a right password can be hashed anew, so an account from before a change of parameters costs twice, once.
        let renewed =
            hash.parameters == hasher.parameters
            ? nil : try await hasher.hash(credentials.password, for: context.client, deadline: context.deadline)
        let session = NewSession(device: request.device, context: context, after: record.account.endedSessions)
        // A client that wants no cookie for its token gets none for its device.
        let known = device ?? (credentials.delivery == .cookie ? .make() : nil)
        let place = protection.keys.place(device: known, network: context.client?.network)
        switch try await store.signIn(
            record, proof: proof, renewed: renewed, session, from: place, context: context)
        {
        case .changed:
            log.signInFailed(record.account.id, credentials.email, .changedMeanwhile, context)
            return .undecided(Credentials.refused)
        case .codeRefused: return refusedCode(record, context)
        case .signedIn(let account):
            log.record(.signedIn, context, user: account.id, session: session.id)
            return .right(
                try await tokens.answer(account, session, delivery: credentials.delivery, device: known))
        }
    }

    private func refusedCode(_ record: PasswordRecord, _ context: CallContext) -> Throttle.Attempt<SignedIn> {
        log.record(.secondFactorRefused, context, user: record.account.id)
        return .wrong(SecondFactorCode.refused)
    }
}
