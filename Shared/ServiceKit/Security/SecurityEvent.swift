import Logging

/// Every line of the security log: what an operator may watch for, search and count. The names are stable, in the manner
/// of OWASP's Logging Vocabulary; new ones are added, none is renamed.
///
/// docs/operating.md lists them as well, with what else stands in their lines.
package enum SecurityEvent: String, Sendable, CaseIterable {
    /// Somebody signed in, by registering too.
    case signedIn = "authn_login_success"
    /// A wrong password, an unknown account, or the right password of one that is disabled; `reason` says which.
    case signInFailed = "authn_login_fail"
    /// The password was right and the code of the second factor was not.
    case secondFactorRefused = "authn_second_factor_fail"
    /// The second factor was turned on or off.
    case secondFactorChanged = "authn_second_factor_change"
    /// An access or refresh token that is no good, or not any more. One that has merely expired is no event.
    case tokenRefused = "authn_token_refused"
    /// A refresh token came a second time, and its session was ended.
    case tokenReused = "authn_token_reuse"
    /// Somebody who is signed in, or a page of another site, asked for what they may not have.
    case accessRefused = "authz_fail"
    /// More was asked for than a budget or a bound allows.
    case limitHit = "excess_rate_limit_exceeded"
    /// A user ended the session with which they asked.
    case loggedOut = "session_logout"
    /// A session was ended from another one.
    case sessionEnded = "session_end"
    /// An Admin ended all sessions of a user.
    case sessionsEnded = "session_end_all"
    case passwordChanged = "authn_password_change"
    /// The current password was wrong.
    case passwordChangeFailed = "authn_password_change_fail"
    case emailChanged = "user_email_change"
    /// An account was made: by registering, at the first start, or by a command.
    case userCreated = "user_created"
    case userDisabled = "user_disabled"
    case userEnabled = "user_enabled"
    case userDeleted = "user_deleted"
    case roleChanged = "privilege_permissions_changed"
    /// Another key signs from now on.
    case keyRotated = "crypto_key_rotated"
    /// Tokens of a key are refused from now on.
    case keyRevoked = "crypto_key_revoked"

    /// The constant text of its lines.
    var message: Logger.Message {
        switch self {
        case .signedIn: "signed in"
        case .signInFailed: "sign-in failed"
        case .secondFactorRefused: "second factor refused"
        case .secondFactorChanged: "second factor changed"
        case .tokenRefused: "token refused"
        case .tokenReused: "session ended, as a refresh token of it came twice"
        case .accessRefused: "access refused"
        case .limitHit: "limit hit"
        case .loggedOut: "signed out"
        case .sessionEnded: "session ended from another one"
        case .sessionsEnded: "all sessions of a user ended"
        case .passwordChanged: "password changed"
        case .passwordChangeFailed: "password not changed"
        case .emailChanged: "e-mail address changed"
        case .userCreated: "account made"
        case .userDisabled: "account disabled"
        case .userEnabled: "account enabled"
        case .userDeleted: "account deleted"
        case .roleChanged: "role changed"
        case .keyRotated: "signing key changed"
        case .keyRevoked: "signing key revoked"
        }
    }

    /// What somebody may be behind who should not; the others are as a rule what they say.
    var level: Logger.Level {
        switch self {
        case .signInFailed, .secondFactorRefused, .tokenRefused, .tokenReused, .accessRefused, .limitHit,
            .passwordChangeFailed:
            .warning
        default: .notice
        }
    }

    /// Whether anybody can make as many of it as they like at no cost: of these, repeats are counted and not written.
    var isCheap: Bool {
        switch self {
        case .tokenRefused, .accessRefused, .limitHit: true
        default: false
        }
    }
}
