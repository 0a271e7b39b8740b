import Primitives

/// A second factor as it is stored.
struct StoredSecondFactor: Sendable, Equatable {
    /// The secret, sealed.
    var sealed: [UInt8]
    /// The step of the last code that was taken.
    var lastStep: Int64
}

/// What a code claims to be. Whether it is, and was not used before, is decided where it is used up, in the database.
enum SecondFactorProof: Sendable, Equatable {
    /// The right code of this step.
    case step(Int64)
    /// A recovery code with this hash, if the user has one.
    case recovery([UInt8])
}

/// Makes secrets of second factors and compares codes with them.
///
/// Secrets are sealed as signing keys are, under a key of their own; a secret is bound to its user.
struct SecondFactors: Sendable {
    private let seal: KeySeal

    /// - Parameter secret: `JWT_SECRET`.
    init(secret: String) { seal = KeySeal(secret: secret, purpose: "orderline second factor") }

    /// A new secret, bare and sealed.
    func make(for user: Identifier) throws -> (secret: [UInt8], sealed: [UInt8]) {
        let secret = [UInt8].random(count: TOTP.secretLength)
        return (secret, try seal.seal(secret, kid: user.description))
    }

    /// What `code` proves; `nil` when it is wrong for sure.
    func proof(_ code: String, _ stored: StoredSecondFactor, of user: Identifier, at now: Timestamp)
        -> SecondFactorProof?
    {
        let bare = String(decoding: SecondFactorCode.bare(code), as: UTF8.self)
        guard bare.utf8.count == 6 else { return .recovery(RecoveryCode.hash(code, of: user)) }
        // Sealed under a former JWT_SECRET it cannot be opened: then recovery codes are what is left.
        guard let secret = try? seal.open(stored.sealed, kid: user.description) else { return nil }
        return TOTP.step(of: bare, secret: secret, at: now, after: stored.lastStep).map(SecondFactorProof.step)
    }
}
