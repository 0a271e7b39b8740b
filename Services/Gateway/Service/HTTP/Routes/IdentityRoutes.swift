import Contracts
import HTTPTypes
import Hummingbird
import Messaging
import Primitives

/// The routes of the auth service.
struct IdentityRoutes: Sendable {
    let bus: MessageBus
    let revocations: Revocations

    var routes: [Route] {
        let (bus, base) = (bus, "/api/v1")
        return [
            Route(.post, "\(base)/auth/register", access: .anyone, body: .json) { request in
                let signedIn = try await bus.call(
                    Auth.Register(device: request.device, deviceToken: deviceToken(request), body: request.body),
                    context: request.context)
                return session(signedIn, .created, request)
            },
            Route(.post, "\(base)/auth/login", access: .anyone, body: .json) { request in
                let signedIn = try await bus.call(
                    Auth.Login(device: request.device, deviceToken: deviceToken(request), body: request.body),
                    context: request.context)
                return session(signedIn, .ok, request)
            },
            Route(.post, "\(base)/auth/refresh", access: .anyone, body: .json) { request in
                let refresh = Auth.Refresh(cookie: request.cookie(Self.cookieName), body: request.body)
                return session(try await bus.call(refresh, context: request.context), .ok, request)
            },
            Route(.post, "\(base)/auth/logout", access: .userToEnrol) { request in
                _ = try await bus.relay(Auth.Logout(), context: request.context)
                // Here at once, everywhere else with the event.
                if let caller = request.context.caller { revocations.end(session: caller.sessionID) }
                return Response(status: .noContent, headers: [.setCookie: cookie("", maxAge: 0, request)])
            },
            Route(.get, "\(base)/auth/sessions") { request in
                .relay(try await bus.relay(Auth.ListSessions(query: request.query), context: request.context))
            },
            Route(.delete, "\(base)/auth/sessions/{sessionId}") { request in
                let id = try request.id("sessionId")
                _ = try await bus.relay(Auth.EndSession(sessionID: id), context: request.context)
                revocations.end(session: id)
                return .noContent
            },
            Route(.post, "\(base)/auth/password", body: .json) { request in
                _ = try await bus.relay(Auth.ChangePassword(body: request.body), context: request.context)
                return .noContent
            },
            Route(.post, "\(base)/auth/totp", access: .userToEnrol, body: .json) { request in
                .relay(try await bus.relay(Auth.EnrolTOTP(body: request.body), context: request.context))
            },
            Route(.post, "\(base)/auth/totp/confirm", access: .userToEnrol, body: .json) { request in
                .relay(try await bus.relay(Auth.ConfirmTOTP(body: request.body), context: request.context))
            },
            Route(.delete, "\(base)/auth/totp", body: .json) { request in
                _ = try await bus.relay(Auth.RemoveTOTP(body: request.body), context: request.context)
                return .noContent
            },
            Route(.get, "\(base)/users/me", access: .userToEnrol) { request in
                .relay(try await bus.relay(Auth.GetMe(), context: request.context))
            },
            Route(.patch, "\(base)/users/me", body: .json) { request in
                .relay(try await bus.relay(Auth.UpdateMe(body: request.body), context: request.context))
            },
            Route(.get, "\(base)/users") { request in
                .relay(try await bus.relay(Auth.ListUsers(query: request.query), context: request.context))
            },
            Route(.get, "\(base)/users/{userId}") { request in
                .relay(try await bus.relay(Auth.GetUser(userID: try request.id("userId")), context: request.context))
            },
            Route(.patch, "\(base)/users/{userId}", body: .json) { request in
                let update = Auth.UpdateUser(userID: try request.id("userId"), body: request.body)
                return .relay(try await bus.relay(update, context: request.context))
            },
            Route(.delete, "\(base)/users/{userId}") { request in
                _ = try await bus.relay(Auth.DeleteUser(userID: try request.id("userId")), context: request.context)
                return .noContent
            },
            Route(.get, "/.well-known/jwks.json", access: .anyone) { request in
                .relay(try await bus.relay(Auth.Keys(), context: request.context))
            },
        ]
    }

    private static let cookieName = "refreshToken"
    /// By what a device that signed in before is known again: half a year after it last did.
    private static let deviceCookieName = "device"
    private static let deviceCookieAge = 180 * 86_400

    /// Over HTTPS the cookie can come from nobody else: a page of a neighbouring name cannot set one with this prefix.
    private func deviceCookieName(_ request: GatewayRequest) -> String {
        request.isSecure ? "__Secure-\(Self.deviceCookieName)" : Self.deviceCookieName
    }

    private func deviceToken(_ request: GatewayRequest) -> String? { request.cookie(deviceCookieName(request)) }

    private func session(_ signedIn: SignedIn, _ status: HTTPResponse.Status, _ request: GatewayRequest) -> Response {
        var writer = JSONWriter()
        writer.object {
            $0.field("user", signedIn.user)
            $0.field("accessToken", signedIn.accessToken)
            $0.field("tokenType", "Bearer")
            $0.field("expiresIn", signedIn.expiresIn)
            if signedIn.deliversInBody { $0.field("refreshToken", signedIn.refreshToken) }
        }
        var headers: HTTPFields = [:]
        if !signedIn.deliversInBody {
            headers[.setCookie] = cookie(signedIn.refreshToken, maxAge: signedIn.refreshExpiresIn, request)
            if let device = signedIn.deviceToken {
                let name = deviceCookieName(request)
                headers.append(
                    HTTPField(
                        name: .setCookie, value: cookie(device, name: name, maxAge: Self.deviceCookieAge, request)))
            }
        }
        return .json(status, writer.bytes, headers: headers)
    }

    private func cookie(
        _ value: String, name: String = cookieName, maxAge: Int, _ request: GatewayRequest
    ) -> String {
        let secure = request.isSecure ? "; Secure" : ""
        return "\(name)=\(value); Max-Age=\(maxAge); Path=/api/v1/auth; HttpOnly; SameSite=Strict\(secure)"
    }
}

extension GatewayRequest {
    /// What the client calls itself, for the list of sessions.
    fileprivate var device: String? { head.headerFields[.userAgent] }
}
