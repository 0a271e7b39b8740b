import AuthService
import Contracts
import Messaging
import Testing

struct RequestRuleTests {
    private func registration(_ json: String) throws -> Registration { try Registration(body: Array(json.utf8)) }

    private func rest(_ members: String) -> String {
        #"{"name":"Ann","email":"ann@example.com","password":"long enough"\#(members)}"#
    }

    @Test("What is registered is kept as sent")
    func kept() throws {
        let registration = try registration(
            #"{"name":" Zoë  O'Neil ","email":"Ann@Example.COM","password":" 8 chars "}"#)
        #expect(registration.name == " Zoë  O'Neil " && registration.email == "Ann@Example.COM")
        #expect(registration.password == " 8 chars " && registration.delivery == .cookie)
    }

    @Test("Null in an optional field of a registration counts as absent")
    func null() throws {
        #expect(try registration(rest(#","role":null,"tokenDelivery":null"#)).delivery == .cookie)
        #expect(try registration(rest(#","role":"Regular","tokenDelivery":"body""#)).delivery == .body)
    }

    @Test("Nobody can give themself a role", arguments: [#""Admin""#, #""Root""#, "1", "[]", "true"])
    func role(_ json: String) {
        let error = #expect(throws: ServiceError.self) { try registration(rest(#","role":\#(json)"#)) }
        #expect(error?.code == .forbidden)
    }

    @Test(
        "A bad registration names its field",
        arguments: [
            (#"{"name":"A","email":"a@b.c","password":"12 and 78"}"#, "name"),
            (#"{"name":"   ","email":"a@b.c","password":"12 and 78"}"#, "name"),
            (#"{"name":"a\u0000b","email":"a@b.c","password":"12 and 78"}"#, "name"),
            (#"{"name":"Ann","email":"nobody","password":"12 and 78"}"#, "email"),
            (#"{"name":"Ann","email":"a@b.c","password":"1234567"}"#, "password"),
            (#"{"name":"Ann","email":"a@b.c","password":12345678}"#, "password"),
            (#"{"name":"Ann","email":"a@b.c"}"#, "password"),
            (#"{"name":"Ann","email":"a@b.c","password":"12 and 78","admin":true}"#, "admin"),
            (#"{"name":"Ann","email":"a@b.c","password":"12 and 78","tokenDelivery":"pigeon"}"#, "tokenDelivery"),
        ])
    func faults(_ json: String, _ field: String) {
        let error = #expect(throws: ServiceError.self) { try registration(json) }
        #expect(error?.code == .validationFailed && error?.faults.map(\.field) == [field])
    }

    @Test("Whoever signs in may present any text", arguments: [#""a""#, #""   ""#, #""nobody""#])
    func credentials(_ text: String) throws {
        _ = try Credentials(body: Array(#"{"email":\#(text),"password":\#(text)}"#.utf8))
    }

    @Test("A missing password is a fault of the request")
    func missingPassword() {
        let error = #expect(throws: ServiceError.self) { try Credentials(body: Array(#"{"email":"a@b.c"}"#.utf8)) }
        #expect(error?.faults.map(\.field) == ["password"])
    }

    @Test("The refresh token of the cookie comes before that of the body")
    func cookieFirst() throws {
        let both = try PresentedToken(cookie: "cookie", body: Array(#"{"refreshToken":"body"}"#.utf8))
        #expect(both.token == "cookie" && both.delivery == .cookie)
        let body = try PresentedToken(cookie: nil, body: Array(#"{"refreshToken":"body"}"#.utf8))
        #expect(body.token == "body" && body.delivery == .body)
    }

    @Test("Without a refresh token a session is not renewed", arguments: ["", "{}"])
    func noToken(_ body: String) {
        let error = #expect(throws: ServiceError.self) { try PresentedToken(cookie: nil, body: Array(body.utf8)) }
        #expect(error?.code == .invalidRefreshToken)
    }

    @Test("A body that is no JSON is named as such")
    func malformed() {
        let error = #expect(throws: ServiceError.self) { try PresentedToken(cookie: nil, body: Array("{".utf8)) }
        #expect(error?.code == .malformedJSON)
    }

    @Test("The password that an operator gives obeys the rules of a registration")
    func newAdmin() {
        let error = #expect(throws: ServiceError.self) { try NewAdmin(name: "A", email: "nobody", password: "short") }
        #expect(error?.faults.map(\.field) == ["name", "email", "password"])
    }
}
