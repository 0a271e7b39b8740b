import Primitives
import TestKit
import Testing

@testable import Persistence
@testable import Postgres

/// `fold` joins exactly the texts that NFC and simple case folding join, in every kind of database.
@Suite("Folding", .bounded)
struct FoldingTests {
    private static let locales: [(name: String, options: String)] = [
        ("C", "locale 'C'"), ("UTF-8 without a language", "locale 'C.UTF-8'"),
        ("Turkish", "locale 'C' locale_provider icu icu_locale 'tr-TR'"),
        ("Lithuanian", "locale 'C' locale_provider icu icu_locale 'lt'"),
    ]

    private static func withFunction(
        _ options: String, _ body: (Database) async throws -> Void
    ) async throws {
        try await TestDatabase.with(options: options) { test in
            try await test.database.withConnection { session in
                _ = try session.execute(SQL(unsafe: String(decoding: Folding.definition, as: UTF8.self)))
            }
            try await body(test.database)
        }
    }

    @Test(
        "Two code points are folded alike exactly when Unicode says so, whatever the locale", arguments: locales.indices
    )
    func everyCodePoint(index: Int) async throws {
        try await Self.withFunction(Self.locales[index].options) { database in
            let known = CaseFolding.simple
            // Those that the function or Unicode changes; the others cannot be joined with anything. Past U+1FFFF are
            // no letters with case. What NFC writes otherwise is folded as that.
            let folded = try await database.withConnection { session in
                try session.execute(
                    """
                    select n, fold(chr(n)) from generate_series(1, 131071) n
                    where n not between 55296 and 57343 and normalize(chr(n), nfc) = chr(n)
                        and (fold(chr(n)) <> chr(n) or n = any(\(known.flatMap { [Int($0.key), Int($0.value)] })::integer[]))
                    """
                ).map { row in (UInt32(try row[0, as: Int32.self]), ExactText(try row[1, as: String.self])) }
            }
            #expect(folded.count > 2500)
            var classes: [ExactText: UInt32] = [:]
            var forms: [UInt32: ExactText] = [:]
            // U+FDD0 is the stand-in of the dotted I, and itself no character.
            for (point, form) in folded where point != 0xFDD0 {
                let reference = known[point] ?? point
                if let other = classes.updateValue(reference, forKey: form), other != reference {
                    Issue.record("joins U+\(String(point, radix: 16)) with U+\(String(other, radix: 16))")
                }
                if let other = forms.updateValue(form, forKey: reference), other != form {
                    Issue.record("keeps U+\(String(point, radix: 16)) apart from its other case")
                }
            }
        }
    }

    @Test(
        "Texts that differ in case or normalisation only are folded alike, others are not",
        arguments: [
            ("ΟΔΟΣ", "οδος", true), ("ΣΑΣ", "σας", true), ("σας", "σασ", true), ("Σ", "ς", true),
            ("CAFÉ", "cafe\u{301}", true),
            ("E\u{301}", "é", true), ("\u{1E9B}\u{323}", "\u{17F}\u{323}\u{307}", true), ("\u{212B}", "a\u{30A}", true),
            ("\u{1100}\u{1161}", "가", true), ("q\u{307}\u{323}", "Q\u{323}\u{307}", true),
            ("I\u{307}", "\u{130}", true),
            ("STRASSE", "straße", false), ("STRAẞE", "straße", true), ("İ", "i\u{307}", false), ("I", "ı", false),
            ("I", "i", true),
            ("\u{130}\u{3A3}", "\u{130}\u{3C2}", true), ("e", "é", false), ("ﬁ", "fi", false), ("ΐ", "\u{1FD3}", true),
            ("\u{345}", "\u{399}", true), ("Ω", "\u{2126}", true), ("", "", true), ("A\r\n", "a\r\n", true),
        ])
    func texts(one: String, other: String, areAlike: Bool) async throws {
        try await Self.withFunction("locale 'C' locale_provider icu icu_locale 'tr-TR'") { database in
            let found = try await database.withConnection { session in
                try session.first("select fold(\(one)) = fold(\(other))")?[0, as: Bool.self]
            }
            #expect(found == areAlike)
        }
    }

    @Test("Nothing is folded to nothing")
    func null() async throws {
        try await Self.withFunction("locale 'C'") { database in
            let isNull = try await database.withConnection {
                try $0.first("select fold(null) is null")?[0, as: Bool.self]
            }
            #expect(isNull == true)
        }
    }

    @Test("A pattern finds its text and no wildcard works in it")
    func pattern() async throws {
        try await Self.withFunction("locale 'C'") { database in
            let table: [(text: String, q: String, isFound: Bool)] = [
                ("100% Wool", "0% w", true), ("100 wool", "0%w", false), ("a_b", "A_B", true), ("axb", "a_b", false),
                (#"a\b"#, #"A\B"#, true), (#"a\b"#, "ab", false), ("%\u{301}", "%\u{301}", true),
                ("x", "%\u{301}", false),
                ("ΟΔΟΣΑΘΗΝΑΣ", "οδος", true),
            ]
            for row in table {
                let isFound = try await database.withConnection { session in
                    try session.first("select fold(\(row.text)) like \(sql: Folding.pattern(finding: row.q))")?[
                        0, as: Bool.self]
                }
                #expect(isFound == row.isFound, "\(row)")
            }
        }
    }
}
