import NIOCore
import Primitives
import Testing

@testable import GatewayService

struct SocketVigilTests {
    private let opened = NIODeadline.uptimeNanoseconds(1_000_000_000_000)
    private let wall = Timestamp(milliseconds: 1_800_000_000_000)

    private func after(_ seconds: Int64) -> NIODeadline { opened + .seconds(seconds) }

    @Test(
        "A socket that does not sign in is closed after ten seconds, wherever the wall clock jumps",
        arguments: [-86_400, -11, 0, 11, 86_400] as [Int64])
    func signIn(jump: Int64) {
        var vigil = SocketVigil(openedAt: opened)
        let then = wall.advanced(bySeconds: jump)
        for second in 0...9 as ClosedRange<Int64> {
            #expect(vigil.judge(isSignedIn: false, expiry: nil, now: after(second), wall: then) == .fine)
        }
        #expect(vigil.judge(isSignedIn: false, expiry: nil, now: after(10), wall: then) == .neverSignedIn)
    }

    @Test(
        "A socket is pinged every 25 s and given up 20 s after a ping that nobody answered, wherever the wall clock jumps",
        arguments: [-86_400, -21, 0, 21, 86_400] as [Int64])
    func silence(jump: Int64) {
        var vigil = SocketVigil(openedAt: opened)
        func judge(_ second: Int64) -> SocketVigil.Verdict {
            // The clock is set between any two looks, there and back.
            let wall = second.isMultiple(of: 2) ? wall : wall.advanced(bySeconds: jump)
            return vigil.judge(isSignedIn: true, expiry: nil, now: after(second), wall: wall)
        }
        #expect(judge(24) == .fine)
        #expect(judge(25) == .ping)
        vigil.heard(at: after(26))
        #expect(judge(45) == .fine)
        #expect(judge(49) == .fine)
        #expect(judge(50) == .ping)
        #expect(judge(69) == .fine)
        #expect(judge(70) == .silent)
    }

    @Test("A token's expiry is a time of the calendar, looked at each time")
    func expiry() {
        var vigil = SocketVigil(openedAt: opened)
        let expiry = wall.advanced(bySeconds: 900)
        for (wall, verdict) in [
            (wall, .fine), (expiry, .expired), (wall.advanced(bySeconds: -3600), .fine),
            (wall.advanced(bySeconds: 899), .fine), (wall.advanced(bySeconds: 86_400), .expired),
        ] as [(Timestamp, SocketVigil.Verdict)] {
            #expect(vigil.judge(isSignedIn: true, expiry: expiry, now: after(1), wall: wall) == verdict)
        }
    }
}
