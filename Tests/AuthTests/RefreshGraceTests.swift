import Contracts
import Messaging
import Postgres
import Primitives
import TestKit
import Testing

@testable import AuthService

/// A refresh token that comes again at once: two tabs of a browser, or an answer that was lost.
@Suite(.bounded)
struct RefreshGraceTests {
    @Test("A token that comes again at once gets a working pair of the same session, and the first pair stays good")
    func again() async throws {
        try await AuthFixture.with { auth in
            let begun = try await auth.register()
            let one = try await auth.refresh(begun.refreshToken)
            auth.clock.advance(bySeconds: AuthFixture.grace - 1)
            let two = try await auth.refresh(begun.refreshToken)
            let caller = try await auth.caller(begun)
            #expect(try await auth.caller(one) == caller)
            #expect(try await auth.caller(two) == caller)
            for pair in [one, two] {
                #expect(try await auth.me(pair).id == begun.user.id)
                _ = try await auth.refresh(pair.refreshToken)
            }
            #expect(try await auth.events().isEmpty)
        }
    }

    @Test("Both get the same refresh token, so a copy that is used on its own later is still found out")
    func oneChain() async throws {
        try await AuthFixture.with { auth in
            let begun = try await auth.register()
            let victim = try await auth.refresh(begun.refreshToken)
            let thief = try await auth.refresh(begun.refreshToken)
            #expect(thief.refreshToken == victim.refreshToken && thief.accessToken != victim.accessToken)
            auth.clock.advance(bySeconds: 60)
            let further = try await auth.refresh(thief.refreshToken)
            auth.clock.advance(bySeconds: 60)
            #expect(try await refusal { try await auth.refresh(victim.refreshToken) }.code == .invalidRefreshToken)
            #expect(try await refusal { try await auth.refresh(further.refreshToken) }.code == .invalidRefreshToken)
            #expect(try await auth.ended().map(\.reason) == [.revoked])
        }
    }

    @Test("Who is two rotations behind within the grace gets the token that is good now")
    func behind() async throws {
        try await AuthFixture.with { auth in
            let begun = try await auth.register()
            let second = try await auth.refresh(begun.refreshToken)
            let third = try await auth.refresh(second.refreshToken)
            let late = try await auth.refresh(begun.refreshToken)
            #expect(late.refreshToken == third.refreshToken)
            auth.clock.advance(bySeconds: 600)
            _ = try await auth.refresh(late.refreshToken)
            #expect(try await auth.ended().isEmpty)
        }
    }

    @Test("All who present one token at the same moment, to whichever replica, get a working pair")
    func race() async throws {
        try await AuthFixture.with { auth in
            for _ in 0..<5 {
                let begun = try await auth.register()
                let pairs = try await withThrowingTaskGroup(of: SignedIn.self) { group in
                    for _ in 0..<8 { group.addTask { try await auth.refresh(begun.refreshToken) } }
                    return try await group.reduce(into: []) { $0.append($1) }
                }
                #expect(Set(pairs.map(\.refreshToken)).count == 1 && pairs.count == 8)
                #expect(Set(pairs.map(\.accessToken)).count == 8)
                for pair in pairs { #expect(try await auth.me(pair).id == begun.user.id) }
                _ = try await auth.refresh(pairs[0].refreshToken)
            }
            #expect(try await auth.events().isEmpty)
        }
    }

    @Test("Where the version before put a token of its own in the place, a token that comes again gets one beside it")
    func versionBefore() async throws {
        try await AuthFixture.with { auth in
            let begun = try await auth.register()
            // 1. A replica of the version before uses the token up and stores one that it has drawn.
            let (theirs, now) = (RefreshToken.make(), auth.clock.now)
            let session = try await auth.caller(begun).sessionID
            try await auth.store.database.withConnection { connection in
                _ = try connection.execute("update refresh_tokens set used_at = \(now)")
                _ = try connection.execute(
                    SessionStatements.add(theirs, to: session, until: now.advanced(bySeconds: 1000), at: now))
            }
            // 2. The first token comes again to us.
            let again = try await auth.refresh(begun.refreshToken)
            #expect(again.refreshToken != theirs.text)
            // 3. Both go on.
            _ = try await auth.refresh(again.refreshToken)
            _ = try await auth.refresh(theirs.text)
            #expect(try await auth.events().isEmpty)
        }
    }

    @Test("Nobody gets a pair in the grace whose session has ended or whose account is disabled")
    func over() async throws {
        try await AuthFixture.with { auth in
            let (user, admin) = (try await auth.register(), try await auth.admin())
            let next = try await auth.refresh(user.refreshToken)
            _ = try await auth.logOut(next.refreshToken)
            #expect(try await refusal { try await auth.refresh(user.refreshToken) }.code == .invalidRefreshToken)
            let again = try await auth.logIn(user.user.email)
            _ = try await auth.refresh(again.refreshToken)
            _ = try await auth.update(user.user.id, #"{"disabled":true}"#, by: admin)
            #expect(try await refusal { try await auth.refresh(again.refreshToken) }.code == .invalidRefreshToken)
        }
    }

    @Test("A successor is the same each time under one secret, and another under another")
    func chain() {
        let (chain, token) = (RefreshChain(secret: AuthFixture.secret), RefreshToken.make())
        let next = chain.successor(of: token)
        #expect(next.text == RefreshChain(secret: AuthFixture.secret).successor(of: token).text)
        #expect(next.text != RefreshChain(secret: AuthFixture.secret + "!").successor(of: token).text)
        #expect(next.text.utf8.count == 43 && next.text != token.text && next.text != chain.successor(of: next).text)
    }
}
