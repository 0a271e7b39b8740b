import Contracts
import Messaging
import Primitives
import Synchronization
import Testing

@testable import GatewayService

struct RevocationTests {
    private let caller = Caller(userID: .make(), sessionID: .make(), role: .admin, name: "Ann")

    private func change(role: Role = .admin, disabled: Bool = false, version: Int = 2) -> Auth.UserChanged {
        Auth.UserChanged(
            userID: caller.userID, name: "Ann", role: role, disabled: disabled, version: version, at: .now())
    }

    private func code(_ revocations: Revocations, _ caller: Caller) -> ErrorCode? {
        do {
            try revocations.require(caller)
            return nil
        } catch {
            return error.code
        }
    }

    @Test("An ended session is refused, another of the same user is not")
    func ended() {
        let revocations = Revocations()
        #expect(code(revocations, caller) == nil)
        revocations.end(session: caller.sessionID)
        #expect(code(revocations, caller) == .unauthenticated)
        var other = caller
        other.sessionID = .make()
        #expect(code(revocations, other) == nil)
    }

    @Test("A disabled account is refused, a changed role asks for a new token, and changing back lets in again")
    func users() {
        let revocations = Revocations()
        revocations.note(change(role: .regular, version: 2))
        #expect(code(revocations, caller) == .tokenExpired)
        revocations.note(change(disabled: true, version: 3))
        #expect(code(revocations, caller) == .unauthenticated)
        revocations.note(change(version: 4))
        #expect(code(revocations, caller) == nil)
    }

    @Test("Sessions that ended together are refused, but for the one that went on and those begun since")
    func endedTogether() {
        let revocations = Revocations()
        let ids = (0..<4).map { _ in Identifier.make() }.sorted()
        func told(_ version: Int, _ ended: EndedSessions?, disabled: Bool = false) -> Auth.UserChanged {
            var change = change(disabled: disabled, version: version)
            change.endedSessions = ended
            return change
        }
        func refused() -> [Bool] {
            ids.map { id in
                var caller = caller
                caller.sessionID = id
                return code(revocations, caller) == .unauthenticated
            }
        }
        #expect(revocations.note(told(2, EndedSessions(through: ids[2], except: ids[1]))))
        #expect(refused() == [true, false, true, false])
        // A process of the version before tells a later change of the account, and nothing of sessions.
        #expect(revocations.note(told(3, nil)))
        #expect(refused() == [true, false, true, false])
        // An earlier ending changes nothing, nor does what is known.
        #expect(!revocations.note(told(3, EndedSessions(through: ids[0]))))
        #expect(!revocations.note(told(3, EndedSessions(through: ids[2], except: ids[1]))))
        // A later one holds it.
        #expect(revocations.note(told(4, EndedSessions(through: ids[3]), disabled: true)))
        #expect(refused() == [true, true, true, true])
        #expect(revocations.note(told(5, EndedSessions(through: ids[3]))))
        #expect(refused() == [true, true, true, true])
        // Told late, with a version that is known by now.
        let other = Revocations()
        #expect(other.note(told(9, nil)))
        #expect(other.note(told(8, EndedSessions(through: caller.sessionID))))
        #expect(code(other, caller) == .unauthenticated)
    }

    @Test("An older telling, or the same again, changes nothing and says so")
    func order() {
        let revocations = Revocations()
        #expect(revocations.note(change(disabled: true, version: 5)))
        #expect(!revocations.note(change(version: 4)))
        #expect(!revocations.note(change(version: 5)))
        #expect(code(revocations, caller) == .unauthenticated)
    }

    @Test("What was told is kept for the life of a token, counted from when it was told, whatever clocks say")
    func lifetime() {
        let begun = ContinuousClock.now
        let passed = Mutex(Duration.zero)
        let revocations = Revocations(now: { begun + passed.withLock { $0 } })
        var old = change(disabled: true, version: 1)
        // As a machine says whose clock is years behind.
        old.at = Timestamp(milliseconds: 0)
        revocations.note(old)
        revocations.end(session: caller.sessionID)
        passed.withLock { $0 = Revocations.lifetime - .seconds(1) }
        revocations.end(session: .make())
        #expect(revocations.count == 3)
        #expect(code(revocations, caller) == .unauthenticated)
        passed.withLock { $0 = Revocations.lifetime + .seconds(60) }
        revocations.end(session: .make())
        #expect(revocations.count == 2)
    }

    @Test("The list of auth adds to what is known and takes nothing back")
    func merge() {
        let revocations = Revocations()
        revocations.end(session: caller.sessionID)
        var second = caller
        second.sessionID = .make()
        revocations.merge(RevocationList(sessions: [second.sessionID], users: []))
        #expect(code(revocations, caller) == .unauthenticated)
        #expect(code(revocations, second) == .unauthenticated)
    }
}

struct RecentVersionsTests {
    @Test("Only a version above the last one of the same thing is new")
    func versions() {
        var recent = RecentVersions(capacity: 100)
        let (a, b) = (Identifier.make(), Identifier.make())
        let table: [(Int, Identifier, Bool)] = [
            (2, a, true), (2, a, false), (1, a, false), (3, a, true), (1, b, true), (3, a, false), (9, b, true),
        ]
        for (version, id, expected) in table {
            let isNew = recent.isNew(version, of: id)
            #expect(isNew == expected)
        }
    }

    @Test("The things seen last are remembered, at least half the capacity of them")
    func bound() {
        var recent = RecentVersions(capacity: 100)
        let ids = (0..<1000).map { _ in Identifier.make() }
        #expect(ids.filter { recent.isNew(1, of: $0) }.count == 1000)
        #expect(ids.suffix(49).filter { recent.isNew(1, of: $0) }.isEmpty)
    }
}
