package import Messaging

/// What the auth service answers and tells.
package enum Auth {
    /// The first word of its subjects, its queue group, its schema and its user at the message server.
    package static let name = "auth"

    /// The auth service refuses to start until every request of it has a handler; each message has a sample in
    /// `Tests/ContractsTests`.
    package static let declaration = ServiceDeclaration(
        name: name,
        requests: [
            Register.self, Login.self, Refresh.self, Logout.self, ListSessions.self, EndSession.self,
            ChangePassword.self, EnrolTOTP.self, ConfirmTOTP.self, RemoveTOTP.self,
            GetMe.self, UpdateMe.self, ListUsers.self, GetUser.self, UpdateUser.self, DeleteUser.self,
            EndUserSessions.self, Keys.self, Revocations.self, ChangedUsers.self,
        ],
        events: [SessionEnded.self, UserChanged.self, KeysChanged.self]
    )
}
