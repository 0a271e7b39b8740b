import Contracts
import Messaging

extension Operation {
    private static let session = SessionAnswer.self

    static let register = Operation(
        id: "register", summary: "Make an account and sign in", tag: .identity, audience: .anyone,
        about: "A Regular account, always.", body: Auth.Register.input.schema,
        answers: [.created(session, .cookie)], problems: [.forbidden, .emailTaken, .tooManyAttempts])

    static let logIn = Operation(
        id: "logIn", summary: "Sign in", tag: .identity, audience: .anyone,
        about: "With a second factor a `code` is needed as well.", body: Auth.Login.input.schema,
        answers: [.ok(session, .cookie)],
        problems: [.invalidCredentials, .secondFactorRequired, .accountDisabled, .tooManyAttempts])

    static let refresh = Operation(
        id: "refresh", summary: "Renew a session", tag: .identity, audience: .anyone,
        about: "By the cookie, or by `refreshToken`. The token is good once: the next one comes with the answer.",
        body: Auth.Refresh.input.schema, mayOmitBody: true, answers: [.ok(session, .cookie)],
        problems: [.invalidRefreshToken, .forbidden])

    static let logOut = Operation(
        id: "logOut", summary: "Sign out", tag: .identity, audience: .anyone,
        about: "By the access token, the cookie, or `refreshToken`; of different sessions all end.",
        body: Auth.Logout.input.schema, mayOmitBody: true,
        answers: [
            Success(status: 204, about: "The session is over.", content: .none, fields: [.cookie, .clearSiteData])
        ], problems: [.unauthenticated, .tokenExpired, .invalidRefreshToken, .forbidden])

    static let listSessions = Operation(
        id: "listSessions", summary: "List one's live sessions, newest first", tag: .account, audience: .user,
        query: Auth.ListSessions.parameters.schema, answers: [.ok(Auth.ListSessions.Reply.self)])

    static let endSession = Operation(
        id: "endSession", summary: "End one of one's sessions", tag: .account, audience: .user, answers: [.noContent])

    static let changePassword = Operation(
        id: "changePassword", summary: "Change one's password", tag: .account, audience: .user,
        about: "Ends all other sessions.", body: Auth.ChangePassword.input.schema, answers: [.noContent],
        problems: [.tooManyAttempts])

    static let enrolTOTP = Operation(
        id: "enrolTotp", summary: "Begin with a second factor", tag: .account, audience: .user,
        about: "The secret is good once a code of it has been confirmed.", body: Auth.EnrolTOTP.input.schema,
        answers: [.ok(Auth.EnrolTOTP.Reply.self)], problems: [.forbidden, .tooManyAttempts])

    static let confirmTOTP = Operation(
        id: "confirmTotp", summary: "Turn the second factor on", tag: .account, audience: .user,
        body: Auth.ConfirmTOTP.input.schema, answers: [.ok(Auth.ConfirmTOTP.Reply.self)],
        problems: [.tooManyAttempts])

    static let removeTOTP = Operation(
        id: "removeTotp", summary: "Turn the second factor off", tag: .account, audience: .user,
        body: Auth.RemoveTOTP.input.schema, answers: [.noContent], problems: [.notFound, .tooManyAttempts])

    static let getMe = Operation(
        id: "getMe", summary: "Read one's own account", tag: .account, audience: .user,
        answers: [.ok(Auth.GetMe.Reply.self)])

    static let updateMe = Operation(
        id: "updateMe", summary: "Change one's own account", tag: .account, audience: .user,
        about: "Another e-mail address needs the password.", body: Auth.UpdateMe.input.schema,
        answers: [.ok(Auth.UpdateMe.Reply.self)], problems: [.emailTaken, .tooManyAttempts])

    static let listUsers = Operation(
        id: "listUsers", summary: "List accounts, newest first", tag: .users, audience: .admin,
        query: Auth.ListUsers.parameters.schema, answers: [.ok(Auth.ListUsers.Reply.self)])

    static let getUser = Operation(
        id: "getUser", summary: "Read an account", tag: .users, audience: .admin,
        answers: [.ok(Auth.GetUser.Reply.self)])

    static let updateUser = Operation(
        id: "updateUser", summary: "Change an account's role, or disable it", tag: .users, audience: .admin,
        body: Auth.UpdateUser.input.schema, answers: [.ok(Auth.UpdateUser.Reply.self)],
        problems: [.forbiddenSelfChange])

    static let endUserSessions = Operation(
        id: "endUserSessions", summary: "End all sessions of an account", tag: .users, audience: .admin,
        answers: [.noContent])

    static let deleteUser = Operation(
        id: "deleteUser", summary: "Delete an account", tag: .users, audience: .admin,
        about: "What is personal is erased; orders and messages stay, under `Deleted user`.", answers: [.noContent],
        problems: [.forbiddenSelfChange])

    static let keys = Operation(
        id: "keys", summary: "Read the public keys of access tokens", tag: .system, audience: .anyone,
        answers: [.ok(Auth.Keys.Reply.self)])
}
