import NIOCore
import Testing

@testable import SocketServer

struct SocketVigilTests {
    private let opened = NIODeadline.uptimeNanoseconds(1_000_000_000_000)
    private let settings = SocketSettings()

    private func after(_ seconds: Int64) -> NIODeadline { opened + .seconds(seconds) }

    @Test("A socket that does not say who it is is closed after ten seconds")
    func connectTimeout() {
        var vigil = SocketVigil(openedAt: opened)
        for second in 0...9 as ClosedRange<Int64> {
            #expect(vigil.judge(settings, isWelcome: false, now: after(second)) == .fine)
        }
        #expect(vigil.judge(settings, isWelcome: false, now: after(10)) == .overstayed)
    }

    @Test("A socket is pinged every 25 s and given up 20 s after a ping that nobody answered")
    func silence() {
        var vigil = SocketVigil(openedAt: opened)
        func judge(_ second: Int64) -> SocketVigil.Verdict {
            vigil.judge(settings, isWelcome: true, now: after(second))
        }
        #expect(judge(24) == .fine)
        #expect(judge(25) == .ping)
        vigil.heard(at: after(26))
        #expect(judge(45) == .fine)
        #expect(judge(49) == .fine)
        #expect(judge(50) == .ping)
        #expect(judge(69) == .fine)
        #expect(judge(70) == .silent)
        #expect(vigil.isSilent(settings, at: after(70)) && !vigil.isSilent(settings, at: after(69)))
    }

    @Test("A ping that a standstill of the process has kept may be answered for its whole time")
    func standstill() {
        var vigil = SocketVigil(openedAt: opened)
        let pinged = vigil.judge(settings, isWelcome: true, now: after(100))
        let before = vigil.judge(settings, isWelcome: true, now: after(119))
        let at = vigil.judge(settings, isWelcome: true, now: after(120))
        #expect(pinged == .ping && before == .fine && at == .silent)
    }

    @Test("A sweep that comes a little late does not move the pings behind it, nor the time for their answers")
    func lateness() {
        var vigil = SocketVigil(openedAt: opened)
        let late = settings.sweepInterval * 1
        let pinged = vigil.judge(settings, isWelcome: true, now: after(25) + late)
        #expect(pinged == .ping && vigil.isSilent(settings, at: after(45)))
        vigil.heard(at: after(26) + late)
        let again = vigil.judge(settings, isWelcome: true, now: after(50))
        #expect(again == .ping)
    }
}
