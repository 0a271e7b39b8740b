import Contracts
import HTTPTypes
import Hummingbird
import Messaging
import Primitives

/// The routes of the auth service.
struct IdentityRoutes: Sendable {
    let bus: MessageBus
    let revocations: Revocations
    let cookie: RefreshCookie

    var routes: [Route] {
        let (bus, base, cookie) = (bus, "/api/v1", cookie)
        return [
            Route(.post, "\(base)/auth/register", .register, access: .anyone, body: .json, budget: .signIn) { request in
                let signedIn = try await bus.call(
                    Auth.Register(
                        device: request.device, deviceToken: DeviceCookie.token(in: request), body: request.body),
                    context: request.context)
                return session(signedIn, .created, request)
            },
            Route(.post, "\(base)/auth/login", .logIn, access: .anyone, body: .json, budget: .signIn) { request in
                let signedIn = try await bus.call(
                    Auth.Login(
                        device: request.device, deviceToken: DeviceCookie.token(in: request), body: request.body),
                    context: request.context)
                return session(signedIn, .ok, request)
            },
            Route(.post, "\(base)/auth/refresh", .refresh, access: .anyone, body: .json) { request in
                var refresh = Auth.Refresh(body: request.body)
                switch try cookie.presence(in: request) {
                case .absent: break
                case .token(let token): refresh.cookie = token
                case .ambiguous: return cookie.refusal(of: request)
                }
                return session(try await bus.call(refresh, context: request.context), .ok, request)
            },
            Route(.post, "\(base)/auth/logout", .logOut, access: .userOrBearer, body: .json) { request in
                try await logOut(request)
            },
            Route(.get, "\(base)/auth/sessions", .listSessions) { request in
                .relay(try await bus.relay(Auth.ListSessions(query: request.query), context: request.context))
            },
            Route(.delete, "\(base)/auth/sessions/{sessionId}", .endSession) { request in
                let id = try request.id("sessionId")
                _ = try await bus.relay(Auth.EndSession(sessionID: id), context: request.context)
                revocations.end(session: id)
                return .noContent
            },
            Route(.post, "\(base)/auth/password", .changePassword, body: .json) { request in
                _ = try await bus.relay(Auth.ChangePassword(body: request.body), context: request.context)
                return .noContent
            },
            Route(.post, "\(base)/auth/totp", .enrolTOTP, access: .userToEnrol, body: .json) { request in
                .relay(try await bus.relay(Auth.EnrolTOTP(body: request.body), context: request.context))
            },
            Route(.post, "\(base)/auth/totp/confirm", .confirmTOTP, access: .userToEnrol, body: .json) { request in
                .relay(try await bus.relay(Auth.ConfirmTOTP(body: request.body), context: request.context))
            },
            Route(.delete, "\(base)/auth/totp", .removeTOTP, body: .json) { request in
                _ = try await bus.relay(Auth.RemoveTOTP(body: request.body), context: request.context)
                return .noContent
            },
            Route(.get, "\(base)/users/me", .getMe, access: .userToEnrol) { request in
                .relay(try await bus.relay(Auth.GetMe(), context: request.context))
            },
            Route(.patch, "\(base)/users/me", .updateMe, body: .json) { request in
                .relay(try await bus.relay(Auth.UpdateMe(body: request.body), context: request.context))
            },
            Route(.get, "\(base)/users", .listUsers) { request in
                .relay(try await bus.relay(Auth.ListUsers(query: request.query), context: request.context))
            },
            Route(.get, "\(base)/users/{userId}", .getUser) { request in
                .relay(try await bus.relay(Auth.GetUser(userID: try request.id("userId")), context: request.context))
            },
            Route(.patch, "\(base)/users/{userId}", .updateUser, body: .json) { request in
                let update = Auth.UpdateUser(userID: try request.id("userId"), body: request.body)
                return .relay(try await bus.relay(update, context: request.context))
            },
            Route(.delete, "\(base)/users/{userId}/sessions", .endUserSessions) { request in
                let end = Auth.EndUserSessions(userID: try request.id("userId"))
                _ = try await bus.relay(end, context: request.context)
                return .noContent
            },
            Route(.delete, "\(base)/users/{userId}", .deleteUser) { request in
                _ = try await bus.relay(Auth.DeleteUser(userID: try request.id("userId")), context: request.context)
                return .noContent
            },
            Route(.get, "/.well-known/jwks.json", .keys, access: .anyone) { request in
                .relay(try await bus.relay(Auth.Keys(), context: request.context))
            },
        ]
    }

    private func logOut(_ request: GatewayRequest) async throws -> Response {
        var logout = Auth.Logout(body: request.body)
        let presence = try cookie.presence(in: request)
        if case .token(let token) = presence { logout.cookie = token }
        if let refusal = request.refusal {
            // A session that cannot be looked for now must not be passed over.
            guard refusal.code != .serviceUnavailable else { throw refusal }
            guard presence != .ambiguous else { return cookie.refusal(of: request) }
            // Whoever has nothing else is told what was wrong with that.
            guard logout.cookie != nil || !logout.body.isEmpty else { throw refusal }
        }
        let ended = try await bus.call(logout, context: request.context)
        // Here at once, everywhere else with the event.
        for session in ended.sessions { revocations.end(session: session) }
        if let caller = request.context.caller { revocations.end(session: caller.sessionID) }
        return Response(status: .noContent, headers: cookie.cleared(for: request))
    }

    private func session(_ signedIn: SignedIn, _ status: HTTPResponse.Status, _ request: GatewayRequest) -> Response {
        let answer = SessionAnswer(
            user: signedIn.user, accessToken: signedIn.accessToken, expiresIn: signedIn.expiresIn,
            refreshToken: signedIn.deliversInBody ? signedIn.refreshToken : nil)
        var headers: HTTPFields = [:]
        if !signedIn.deliversInBody {
            headers = cookie.set(signedIn, for: request)
            if let device = signedIn.deviceToken {
                headers.append(contentsOf: DeviceCookie.set(device, for: request))
            }
        }
        return .json(status, JSONWriter.encode(answer), headers: headers)
    }
}

extension GatewayRequest {
    /// What the client calls itself, for the list of sessions.
    fileprivate var device: String? { head.headerFields[.userAgent] }
}
