#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

/// What an account may do.
public struct Role: Word {
    public let rawValue: String
    public init(rawValue: String) { self.rawValue = rawValue }

    public static let regular: Self = "Regular"
    public static let admin: Self = "Admin"
}

/// A user as others see one.
public struct Person: Codable, Sendable, Hashable, Identifiable {
    public var id: String
    /// As it is now; `Deleted user` when the account is gone.
    public var name: String
}

/// A user in the role in which something was done.
public struct Participant: Codable, Sendable, Hashable, Identifiable {
    public var id: String
    /// As it is now; `Deleted user` when the account is gone.
    public var name: String
    /// The role at that time.
    public var role: Role
}

/// An account, as its holder and Admins see it.
public struct User: Codable, Sendable, Hashable, Identifiable {
    public var id: String
    public var name: String
    /// `nil` when the account was deleted.
    public var email: String?
    public var role: Role
    /// Whether it may not sign in.
    public var disabled: Bool
    public var createdAt: Date
}

/// A session, begun or renewed.
struct Session: Codable, Sendable, Hashable {
    var user: User
    var accessToken: String
    var tokenType: String
    /// Seconds until the access token expires.
    var expiresIn: Int
    /// Good once.
    var refreshToken: String?
}

/// Why a session is over.
public struct SessionEndReason: Word {
    public let rawValue: String
    public init(rawValue: String) { self.rawValue = rawValue }

    public static let expired: Self = "expired"
    public static let loggedOut: Self = "logged-out"
    public static let revoked: Self = "revoked"
    public static let roleChanged: Self = "role-changed"
    public static let disabled: Self = "disabled"

    static let described: [Self] = [expired, loggedOut, revoked, roleChanged, disabled]
}
