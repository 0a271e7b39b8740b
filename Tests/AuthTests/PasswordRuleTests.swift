import Messaging
import Testing

@testable import AuthService

struct PasswordRuleTests {
    private func isRefused(_ password: String, name: String? = nil, email: String? = nil) -> Bool {
        PasswordRule.fault(in: password, "password", name: name, email: email)?.code == "too-common"
    }

    @Test(
        "What many people have is refused, in whatever case and with whatever signs around it",
        arguments: [
            "password", "Password", "PASSWORD", "password1", "Password123!", "P@ssw0rd", "p4ssw0rd2024", "passwort",
            "12345678", "123456789", "87654321", "11111111", "00000000", "123123123", "12121212", "11223344",
            "qwertyuiop", "qwerty123", "QWERTY12", "asdfghjkl", "1qaz2wsx", "zaq12wsx", "qazwsxedc", "1q2w3e4r",
            "abcdefgh", "abcd1234", "aaaaaaaa", "abc123abc123", "iloveyou", "ILoveYou2", "princess", "sunshine1",
            "football!", "baseball", "superman", "trustno1trustno1", "letmein1", "welcome1", "Welcome2024!", "dragon99",
            "monkey1234", "starwars", "michael1", "jennifer", "liverpool1", "orderline", "Orderline1", "admin123",
            "administrator", "changeme", "secret123", "summer2023", "19840523", "23051984", "1984-05-23", "05/23/1984",
            "contraseña", "CONTRASEÑA1", "hahahaha", "20242024", "!!password!!",
        ])
    func common(_ password: String) { #expect(isRefused(password), "\(password)") }

    @Test(
        "What is not likely to be tried first is fine",
        arguments: [
            "correct horse battery staple", "correct horse", "long enough", "another one", "tour of orderline",
            "pppppppp", "éééééééé", "8392017465", "k7#mPq2!vX", "mein alter hund", "wristwatch lamp", "zweiundvierzig",
            "gtr5 ol9 pq", "password for the shop", "unbelievably", "30217745", "a new password",
        ])
    func uncommon(_ password: String) { #expect(!isRefused(password), "\(password)") }

    @Test(
        "One's own name and address are refused, in whatever case and however written",
        arguments: [
            "Zoë Ünal-Smith", "zoë ünal-smith", "ZoëÜnalSmith", "zoe\u{308}u\u{308}nalsmith", "zoëünalsmith42",
            "zoe.unal@example.com", "ZOE.UNAL@EXAMPLE.COM", "zoe.unal", "zoeunal1", "Zoe_Unal_99",
        ])
    func own(_ password: String) {
        #expect(isRefused(password, name: "Zoë Ünal-Smith", email: "zoe.unal@example.com"), "\(password)")
        #expect(!isRefused(password))
    }

    @Test("Somebody else's name is fine, and so is one's own among other words")
    func foreign() {
        #expect(!isRefused("walther rathenau", name: "Zoë Ünal", email: "zoe@example.com"))
        #expect(!isRefused("zoë is not my dog", name: "Zoë", email: "zoe@example.com"))
        #expect(!isRefused("12 and 78", name: "78 12", email: "1@example.com"))
    }

    @Test("Every place where a password is set refuses it by the same code")
    func places() throws {
        let registration = #expect(throws: ServiceError.self) {
            try Registration(body: Array(#"{"name":"Ann","email":"ann@example.com","password":"Password1"}"#.utf8))
        }
        let change = #expect(throws: ServiceError.self) {
            try PasswordChange(body: Array(#"{"currentPassword":"x","newPassword":"qwertyuiop"}"#.utf8))
        }
        let admin = try NewAdmin(name: "Root", email: "root@example.com", password: "admin1234")
        #expect(admin.passwordFault?.code == "too-common")
        for error in [registration, change] { #expect(error?.faults.map(\.code) == ["too-common"]) }
        #expect(change?.faults.first?.field == "newPassword")
    }

    @Test("A password that is too short is told so, and nothing else of it")
    func short() {
        let error = #expect(throws: ServiceError.self) {
            try NewAdmin(name: "Root", email: "root@example.com", password: "admin")
        }
        #expect(error?.faults.map(\.code) == ["length"])
    }
}
