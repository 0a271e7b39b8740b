import Contracts
import Persistence
import Postgres
import Primitives
import TestKit
import Testing

@testable import AuthService

/// What sessions tell of their devices does not stay for ever.
@Suite(.bounded)
struct SessionExpiryTests {
    @Test("A session that has been over for thirty days tells no device, one that lives or has just ended does")
    func devices() async throws {
        try await AuthFixture.with { auth in
            let user = try await auth.register(email: "devices@example.com", device: "live")
            for device in ["ended", "ended long ago", "run out long ago"] {
                _ = try await auth.logIn("devices@example.com", device: device)
            }
            let old = auth.clock.now.advanced(bySeconds: -31 * 86_400)
            _ = try await auth.store.database.withConnection { session in
                for (device, end) in [("ended", auth.clock.now), ("ended long ago", old)] {
                    try session.execute(
                        "update sessions set ended_at = \(end), end_reason = 'revoked' where device = \(device)")
                }
                try session.execute("update sessions set expires_at = \(old) where device = 'run out long ago'")
            }
            #expect(try await Expiry.devices.apply(to: auth.store.database, now: auth.clock.now) == 2)
            #expect(try await auth.count("select count(*) from sessions where device in ('live', 'ended')") == 2)
            #expect(try await auth.count("select count(*) from sessions where device is null") == 2)
            #expect(try await auth.sessions(user).map(\.device) == ["live"])
        }
    }
}
