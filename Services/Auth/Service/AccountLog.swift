import Contracts
import Logging
import Messaging
import Primitives
import ServiceKit

/// What the security log is told of accounts.
struct AccountLog: Sendable {
    private let security: SecurityLog?
    private let pseudonyms: EmailPseudonym

    init(security: SecurityLog, secret: String) {
        self.security = security
        pseudonyms = EmailPseudonym(secret: secret)
    }

    private init() {
        security = nil
        pseudonyms = EmailPseudonym(secret: "")
    }

    /// Tells nobody; for tests that do not look at it.
    static let none = AccountLog()

    /// What the caller, or whoever has the session, has done.
    func record(
        _ event: SecurityEvent, _ context: CallContext?, user: Identifier? = nil, session: Identifier? = nil,
        target: Identifier? = nil
    ) {
        security?.record(
            event, context, user: user, session: session, target.map { ["target.id": "\($0)"] } ?? [:])
    }

    /// The caller has turned their second factor on or off.
    func secondFactor(isOn: Bool, _ context: CallContext) {
        security?.record(.secondFactorChanged, context, ["to": "\(isOn ? "on" : "off")"])
    }

    /// - Parameter account: `nil` when the address has none; it is then told by a pseudonym.
    func signInFailed(_ account: Identifier?, _ email: String, _ reason: SignInFailure, _ context: CallContext) {
        if let account {
            security?.record(.signInFailed, context, user: account, ["reason": "\(reason.rawValue)"])
        } else {
            security?.record(
                .signInFailed, context, ["reason": "\(reason.rawValue)", "email.hash": "\(pseudonyms.of(email))"])
        }
    }

    /// - Parameter origin: by what it was made, in a word.
    func created(_ account: User, _ origin: String, _ context: CallContext?) {
        security?.record(
            .userCreated, context, user: account.id, ["role": "\(account.role.rawValue)", "by": "\(origin)"])
    }

    /// What has become of an account that the caller has changed, their own or another's.
    func changed(_ change: ChangedAccount, _ context: CallContext) {
        let (before, after) = (change.before, change.after)
        if before.role != after.role {
            security?.record(
                .roleChanged, context,
                [
                    "target.id": "\(after.id)", "from": "\(before.role.rawValue)", "to": "\(after.role.rawValue)",
                ])
        }
        if before.isDeleted != after.isDeleted {
            record(.userDeleted, context, target: after.id)
        } else {
            if before.disabled != after.disabled {
                record(after.disabled ? .userDisabled : .userEnabled, context, target: after.id)
            }
            if before.email.map(ExactText.init) != after.email.map(ExactText.init) {
                record(.emailChanged, context, target: after.id)
            }
        }
    }
}

/// Why somebody could not sign in.
enum SignInFailure: String, Sendable {
    case unknownAccount = "unknown-account"
    case wrongPassword = "wrong-password"
    case disabled
    /// The password was right, and a code of the second factor is asked for.
    case secondFactorMissing = "second-factor-missing"
    /// Password, role or state of the account changed between the look at it and the sign-in.
    case changedMeanwhile = "changed-meanwhile"
}

/// An account before and after a change.
struct ChangedAccount: Sendable {
    var before: Account
    var after: Account
}
