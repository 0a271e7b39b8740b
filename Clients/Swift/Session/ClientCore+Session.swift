/// Signing in, renewing, and the end.
extension ClientCore {
    /// Makes an account, or signs in.
    func begin(_ path: String, _ fields: some Encodable) async throws -> User {
        var call = HTTPCall("POST", path)
        call.body = try WireCoding.encode(fields)
        call.isAnonymous = true
        let session = try await WireCoding.decode(Session.self, perform(call))
        sessions += 1
        try await adopt(session)
        if !listeners.isEmpty { start() }
        return session.user
    }

    /// Goes on with the session of the kept token; `nil` when there is none.
    func resume() async throws -> User? {
        do { try await renew() } catch let problem as Problem where !problem.isPassing { return nil }
        return user
    }

    func logOut() async throws {
        var call = HTTPCall("POST", "/auth/logout", isRepeatable: true)
        if let token = try await tokens.load() { call.body = try WireCoding.encode(["refreshToken": token]) }
        do { _ = try await perform(call) } catch let problem as Problem where problem.status == 401 {
            // It was over before.
        } catch {
            await end(.loggedOut)
            throw error
        }
        await end(.loggedOut)
    }

    /// A token that is good for some time.
    func token() async throws -> String {
        if let access, ContinuousClock.now < access.renewAt { return access.token }
        try await renew()
        guard let access else { throw Problem(.unauthenticated, "Sign in first.", status: 401) }
        return access.token
    }

    /// Renews the session once, however many ask; one of them being cancelled does not call it back.
    func renew() async throws {
        try await beginRenewal().value
    }

    /// The renewal that is under way, or another.
    @discardableResult
    func beginRenewal() -> Task<Void, any Error> {
        let begun = renewal ?? Task { try await refresh() }
        renewal = begun
        return begun
    }

    private func refresh() async throws {
        defer { renewal = nil }
        guard let token = try await tokens.load() else {
            throw Problem(.unauthenticated, "Sign in first.", status: 401)
        }
        var call = HTTPCall("POST", "/auth/refresh", isRepeatable: true)
        call.body = try WireCoding.encode(["refreshToken": token])
        call.isAnonymous = true
        let number = sessions
        do {
            let session = try await WireCoding.decode(Session.self, perform(call))
            // Somebody has signed out, or in, meanwhile.
            guard number == sessions else { throw Problem(.unauthenticated, "The session is over.") }
            try await adopt(session)
        } catch let problem as Problem where problem.status == 401 && number == sessions {
            await end(.expired)
            throw problem
        }
    }

    private func adopt(_ session: Session) async throws {
        let life = Duration.seconds(session.expiresIn)
        access = Access(token: session.accessToken, renewAt: .now + life - min(.seconds(60), life / 3))
        user = session.user
        authenticateAgain()
        // Behind the rest: whatever ends the session while it is kept must find it.
        if let token = session.refreshToken { try await tokens.save(token) }
    }

    /// The session is over: nothing of it stays.
    func end(_ reason: SessionEndReason) async {
        guard user != nil || access != nil else { return }
        sessions += 1
        user = nil
        access = nil
        try? await tokens.save(nil)
        stop(Problem(.unauthenticated, "The session is over: \(reason).", status: 401))
        tell(.sessionEnded(reason))
    }

    /// A token that was refused is not tried again: either there is another, or the session is over.
    func doubt(_ problem: Problem) { if problem.status == 401 { access?.renewAt = .now } }

    /// Asks, and asks again when that is safe and what came passes by itself.
    func perform(_ call: HTTPCall) async throws -> [UInt8] {
        var attempt = 0
        var hasRenewed = false
        while true {
            do {
                return try await http.perform(call, token: call.isAnonymous ? nil : token())
            } catch let problem as Problem {
                // Of a session that has ended the renewal says so, and ends it here.
                if problem.isOfSession, !hasRenewed, !call.isAnonymous, access != nil {
                    hasRenewed = true
                    doubt(problem)
                    continue
                }
                let isRefused = problem.code == .rateLimited || problem.code == .idempotencyInProgress
                guard attempt < 4, isRefused || (call.isRepeatable && problem.isPassing) else { throw problem }
                try await Task.sleep(for: problem.retryAfter ?? BackOff.wait(attempt))
                attempt += 1
            }
        }
    }
}
