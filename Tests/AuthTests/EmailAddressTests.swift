import AuthService
import Testing

struct EmailAddressTests {
    @Test(
        "An address that people have is accepted",
        arguments: [
            "ann@example.com", "a@b", "ann@localhost", "Ann.O'Neil+orders@mail.example.co.uk", "zoë@exämple.de",
            "1@2.3",
            "a_b-c=d/e@x-y.z",
        ])
    func plausible(_ text: String) { #expect(EmailAddress.isPlausible(text)) }

    @Test(
        "What cannot be an address is refused",
        arguments: [
            "", "@", "nobody", "@example.com", "a@", "a b@example.com", "a@b@c", "a@exam ple.com", "a@.com", "a@com.",
            "a@ex..com", "a\u{0}@example.com", "a\u{7F}@example.com", "a@example.com\n", "\u{A0}a@example.com",
            "Ann <ann@example.com>", "a@b,c@d", "a@[127.0.0.1]", "\"a\"@example.com",
        ])
    func implausible(_ text: String) { #expect(!EmailAddress.isPlausible(text)) }
}
