import Contracts
import Primitives

/// What signing in answers.
struct SessionAnswer: DescribedObject, Sendable, Equatable {
    var user: User
    var accessToken: String
    var expiresIn: Int
    var refreshToken: String?

    static let about = "A session, begun or renewed."

    static let example = SessionAnswer(
        user: .example, accessToken: "eyJhbGciOiJFUzI1NiIsInR5cCI6ImF0K2p3dCJ9.e30.c2lnbmF0dXJl", expiresIn: 900,
        refreshToken: nil)

    static func members<List: MemberList>(of object: inout Self, _ list: inout List) throws(List.Failure) {
        try list.member("user", &object.user, "Who has signed in.")
        try list.member(
            "accessToken", &object.accessToken,
            "A signed JWT: send it as `Authorization: Bearer`, spelled as it came.")
        list.constant("tokenType", "Bearer", "How it is sent.")
        try list.member("expiresIn", &object.expiresIn, "Seconds until the access token expires.")
        try list.memberIfPresent(
            "refreshToken", &object.refreshToken,
            "Good once; only when it was asked for in the body, else it is a cookie.")
    }

    static let schemaName = "Session"
}
