import Testing

@testable import NATSTransport

struct StandstillTests {
    private let second: Int64 = 1_000_000_000

    @Test("Who looks all the time has not stood still")
    func steady() {
        let standstill = Standstill()
        standstill.begin(now: 5 * second)
        for look in 1...100 { standstill.looked(now: 5 * second + Int64(look) * second / 50) }
        #expect(standstill.milliseconds(now: 7 * second) == 0)
    }

    @Test("What arrives in the moments after a standstill may have waited as long; later nothing has")
    func stopped() {
        let standstill = Standstill()
        standstill.begin(now: 5 * second)
        standstill.looked(now: 15 * second)
        #expect(standstill.milliseconds(now: 15 * second) == 10_000)
        #expect(standstill.milliseconds(now: 15 * second + second / 5) == 10_000)
        #expect(standstill.milliseconds(now: 15 * second + second / 2) == 0)
        standstill.looked(now: 15 * second + second / 50)
        #expect(standstill.milliseconds(now: 15 * second + second / 10) == 10_000)
    }

    @Test("What was done before looking began, as connecting, is no standstill")
    func begun() {
        let standstill = Standstill()
        standstill.looked(now: 5 * second)
        #expect(standstill.milliseconds(now: 5 * second) == 0)
        standstill.begin(now: 30 * second)
        standstill.looked(now: 30 * second + second / 50)
        #expect(standstill.milliseconds(now: 30 * second + second / 50) == 0)
    }
}
