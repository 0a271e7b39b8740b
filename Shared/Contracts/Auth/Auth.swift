package import Messaging

/// What the auth service answers and tells.
package enum Auth {
    package static let name = "auth"

    package static let declaration = ServiceDeclaration(
        name: name,
        requests: [
            Register.self, Login.self, Refresh.self, Logout.self, ListSessions.self, EndSession.self,
            ChangePassword.self,
            GetMe.self, UpdateMe.self, ListUsers.self, GetUser.self, UpdateUser.self, DeleteUser.self, Keys.self,
            Revocations.self, ChangedUsers.self,
        ],
        events: [SessionEnded.self, UserChanged.self]
    )
}
