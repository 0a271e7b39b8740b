import AuthService
import Messaging
import Testing

/// The rules for names, wherever one is given.
struct PersonNameTests {
    private func faults(_ name: String) -> [String] {
        let quoted = name.unicodeScalars.map { scalar in
            scalar.utf16.map { unit in
                "\\u" + String(repeating: "0", count: 4 - String(unit, radix: 16).count) + String(unit, radix: 16)
            }
            .joined()
        }.joined()
        do {
            _ = try ProfilePatch(body: Array(#"{"name":"\#(quoted)"}"#.utf8))
            return []
        } catch {
            return error.faults.map { "\($0.field) \($0.code)" }
        }
    }

    @Test(
        "Names of people in every script are taken",
        arguments: [
            "Ann", "Zoë", "Zoe\u{308}", "O'Neil-Smith 3rd", "李小龍", "Σίσυφος", "علی", "نیلوفر\u{200C}ها", "\u{200E}Ann",
            "שָׁלוֹם",
            "अनन्या", "👩‍👩‍👧", "❤\u{FE0F}x", "\u{1F3F4}\u{E0067}\u{E0062}\u{E0073}\u{E0063}\u{E0074}\u{E007F}", "क्\u{200D}ष",
            "1a", "..", " A", "A\u{A0}B", String(repeating: "é", count: 50),
        ])
    func taken(name: String) { #expect(faults(name) == []) }

    @Test(
        "Control characters, breaks of lines, and what turns text round are refused",
        arguments: [
            "Ann\u{1}", "Ann\n", "\tAnn", "A\u{7F}nn", "A\u{85}nn", "A\u{9F}nn", "A\u{1B}[31m", "A\u{2028}nn",
            "A\u{2029}nn",
            "\u{202E}nnA", "\u{202D}Ann", "A\u{202A}nn", "A\u{202B}nn", "A\u{202C}nn", "A\u{2066}nn", "A\u{2067}nn",
            "A\u{2068}nn", "A\u{2069}nn",
        ])
    func characters(name: String) { #expect(faults(name) == ["name characters"]) }

    @Test(
        "A name has at least one visible character",
        arguments: [
            "\u{200B}\u{200B}", "\u{2060}\u{FEFF}", "\u{3164}\u{3164}", "\u{AD}\u{200D}", " \u{200B}",
            "\u{2800}\u{2800}",
            "\u{301}\u{301}", "\u{20DD} ", "\u{E0041}\u{E0042}", "\u{FE0F}\u{FE0F}", "\u{200E}\u{200F}",
            "\u{1D159}\u{1D159}", "\u{13441}\u{13442}", "\u{115F}\u{1160}", "\u{FFA0} ", "\u{E0001}\u{E007F}",
            "\u{180E}\u{180B}", "\u{FFF9}\u{FFFB}", "\u{E0100}\u{E0101}", "\u{2028}\u{3000}",
        ])
    func invisible(name: String) {
        let found = faults(name)
        #expect(found == ["name characters"] || found == ["name blank"])
    }

    @Test("The rules are the same for who registers and for an Admin that an operator makes")
    func everywhere() {
        let body = #"{"name":"A\u202enn","email":"a@b","password":"correct horse"}"#
        let registered = #expect(throws: ServiceError.self) { try Registration(body: Array(body.utf8)) }
        let made = #expect(throws: ServiceError.self) {
            try NewAdmin(name: "A\u{202E}nn", email: "a@b", password: "correct horse")
        }
        #expect(registered?.faults.map(\.field) == ["name"] && made?.faults.map(\.field) == ["name"])
    }
}
