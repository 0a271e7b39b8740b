import Primitives
import Testing

@testable import AuthService

struct TOTPTests {
    private static let secret = Array("12345678901234567890".utf8)

    @Test(
        "Codes are those of RFC 4226, appendix D",
        arguments: zip(
            0...9,
            [
                "755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871", "520489",
            ]))
    func counted(step: Int, code: String) {
        #expect(TOTP.code(secret: Self.secret, step: Int64(step)) == code)
    }

    @Test(
        "Codes are those of RFC 6238, appendix B, in six digits",
        arguments: zip(
            [59, 1_111_111_109, 1_111_111_111, 1_234_567_890, 2_000_000_000, 20_000_000_000] as [Int64],
            ["287082", "081804", "050471", "005924", "279037", "353130"]))
    func timed(seconds: Int64, code: String) {
        let time = Timestamp(milliseconds: seconds * 1000)
        #expect(TOTP.code(secret: Self.secret, step: TOTP.step(at: time)) == code)
        #expect(TOTP.step(of: code, secret: Self.secret, at: time, after: 0) == seconds / 30)
    }

    @Test("A code is good in its step and in the one before and after, and no code before one that was taken")
    func window() {
        let now = Timestamp(milliseconds: 1_700_000_010_000)
        let present = TOTP.step(at: now)
        func step(_ offset: Int64, after last: Int64 = 0) -> Int64? {
            let code = TOTP.code(secret: Self.secret, step: present + offset)
            return TOTP.step(of: code, secret: Self.secret, at: now, after: last)
        }
        #expect([-2, -1, 0, 1, 2].map { step($0) } == [nil, present - 1, present, present + 1, nil])
        #expect([-1, 0, 1].map { step($0, after: present) } == [nil, nil, present + 1])
    }

    @Test(
        "What is no code of six digits matches nothing",
        arguments: ["", "1", "12345", "1234567", "abcdef", "28708２"])
    func malformed(code: String) {
        #expect(TOTP.step(of: code, secret: Self.secret, at: Timestamp(milliseconds: 59_000), after: 0) == nil)
    }

    @Test(
        "Base 32 is that of RFC 4648, without padding",
        arguments: zip(
            ["", "f", "fo", "foo", "foob", "fooba", "foobar"],
            ["", "MY", "MZXQ", "MZXW6", "MZXW6YQ", "MZXW6YTB", "MZXW6YTBOI"]))
    func base32(text: String, encoded: String) { #expect(Base32.encode(Array(text.utf8)) == encoded) }

    @Test("An address of any characters is one part of the authenticator's URI")
    func uri() {
        let uri = TOTP.uri(secret: Self.secret, account: "zoë+a&secret=x@example.com")
        #expect(
            uri == "otpauth://totp/Orderline:zo%C3%AB%2Ba%26secret%3Dx%40example.com"
                + "?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Orderline&algorithm=SHA1&digits=6&period=30")
    }

    @Test("Recovery codes differ, and are the same in whatever case and with whatever spaces they are typed")
    func recovery() {
        let user = Identifier.make()
        let codes = (0..<100).map { _ in RecoveryCode.make().text }
        #expect(Set(codes).count == 100 && codes.allSatisfy { $0.utf8.count == 32 })
        let hash = RecoveryCode.hash("ABCD-EFGH-IJKL-MNOP", of: user)
        #expect(RecoveryCode.hash("abcd efgh ijklmnop", of: user) == hash)
        #expect(RecoveryCode.hash("ABCD-EFGH-IJKL-MNOQ", of: user) != hash)
        #expect(RecoveryCode.hash("ABCD-EFGH-IJKL-MNOP", of: .make()) != hash)
    }
}
