import Messaging
import TestKit
import Testing

@testable import GatewayService

/// RFC 9110 §12.5.1, by the forms of a transcript.
struct AcceptHeaderTests {
    private static let table: [([String], TranscriptForm?)] = [
        // Who says nothing gets what is usual.
        ([], .text), ([""], .text), ([" ,, \t,"], .text), (["*/*"], .text), (["text/*"], .text), (["*"], .text),
        // What is named.
        (["text/plain"], .text), (["application/json"], .json), (["text/csv"], .csv), (["APPLICATION/Json"], .json),
        (["application/*"], .json), (["text/html, text/csv"], .csv), (["text/html", "text/csv"], .csv),
        (["text/html"], nil), (["image/*"], nil), (["text/plainer"], nil), (["text/csv-schema"], nil),
        (["application/xml;q=1, text/html;q=0.9"], nil),
        // Weights.
        (["text/plain;q=0.5, application/json;q=0.8, text/csv;q=0.2"], .json),
        (["text/plain;q=0.001, text/csv;q=0.002"], .csv), (["text/csv ; q=0.9 , */* ; q=0.8"], .csv),
        (["text/csv;Q=0.1, application/json;Q=0.2"], .json), (["application/json, text/plain;q=1.000"], .text),
        (["text/javascript, application/json, */*;q=0.01"], .json),
        // The most exact range decides, whatever its weight.
        (["*/*, text/plain;q=0.1, application/json;q=0.1"], .csv), (["text/*;q=0.9, text/plain;q=0.1"], .csv),
        (["text/*;q=0.3, application/json;q=0.2, text/csv;q=0.1"], .text),
        (["text/plain;q=0.9, text/plain;charset=utf-8;q=0.1, text/csv;q=0.5"], .csv),
        // Of the same weight, what is named more exactly; then the usual one.
        (["application/json, */*"], .json), (["*/*, text/csv"], .csv), (["text/csv, application/json"], .json),
        (["application/json, text/plain, */*"], .text),
        // Nothing of what is not wanted.
        (["text/plain;q=0"], nil), (["*/*;q=0"], nil), (["text/plain;q=0, */*"], .json), (["*/*, text/*;q=0"], .json),
        (["text/*;q=0.0, application/json;q=0.000, */*"], nil), (["*/*;q=0, text/csv"], .csv),
        // Parameters: what is true of an answer may be asked for.
        (["text/plain;charset=utf-8"], .text), (["text/csv; charset=UTF-8"], .csv),
        ([#"application/json;charset="utf-8""#], .json), ([#"text/csv;charset="u\tf-8";header=present"#], .csv),
        (["text/plain;charset=iso-8859-1"], nil), (["text/csv;header=absent"], nil),
        (["text/plain;format=flowed"], nil),
        (["text/plain;charset=iso-8859-1, text/csv;q=0.1"], .csv), (["text/plain;q=0.5;charset=utf-8"], .text),
        (["text/plain;charset=utf-8;charset=utf-16"], nil),
        // Signs that part a list, and stand for themselves within quotes.
        ([#"text/html;a=",text/csv", application/json"#], .json), ([#"text/html;a=";q=0\",x", text/csv"#], .csv),
        // What cannot be read is passed over.
        (["text"], nil), (["/"], nil), (["text/"], nil), (["/plain"], nil), (["*/plain"], nil), (["text/plain/x"], nil),
        (["text /plain"], nil), (["text/plain;q=2"], nil), (["text/plain;q=-1"], nil), (["text/plain;q="], nil),
        (["text/plain;q=."], nil), (["text/plain;q=0.5.5"], nil), (["text/plain;q"], nil), (["text/plain;=1"], nil),
        (["text/plain;q=1.001"], nil), (["text/plain;q=00.5"], nil), ([#"text/plain;a="b"#], nil),
        (["text/plain;;q=0.5;"], .text), (["nonsense, text/csv"], .csv), (["text/plain;q=x, text/csv;q=0.1"], .csv),
        (["tëxt/plain"], nil), (["text/pla\u{301}in"], nil), ([#"text/html;a="b, text/csv"#, "text/csv"], .csv),
        // As old programs write it.
        (["text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2"], .text), (["text/csv;q=.9, text/plain;q=.3"], .csv),
        (["text/csv;q=0.12345"], .csv),
    ]

    @Test("The form is the one that the client likes best", arguments: table)
    func form(lines: [String], expected: TranscriptForm?) throws {
        if let expected {
            #expect(try TranscriptForm(AcceptHeader(lines)) == expected)
        } else {
            let refused = #expect(throws: ServiceError.self) { try TranscriptForm(AcceptHeader(lines)) }
            #expect(refused?.code == .notAcceptable)
        }
    }

    @Test("What is sent on several lines counts as one list", .seeded)
    func lines() throws {
        var generator = SeededGenerator()
        let ranges = ["text/csv;q=0.5", "*/*;q=0.1", "text/plain;q=0", "application/json;q=0.4", "text/*"]
        for _ in 0..<200 {
            let shuffled = ranges.shuffled(using: &generator)
            let cut = Int.random(in: 0...shuffled.count, using: &generator)
            let parts = [shuffled[..<cut], shuffled[cut...]].map { $0.joined(separator: ",") }
            let (apart, together) = (AcceptHeader(parts), AcceptHeader([shuffled.joined(separator: ",")]))
            #expect(apart.ranges == together.ranges)
            // Of the same weights, whatever their order, comes the same answer.
            #expect(try TranscriptForm(apart) == .csv)
        }
    }

    @Test("No field, however it is spelled, is more than passed over", .seeded)
    func fuzz() {
        var generator = SeededGenerator()
        let pieces = [
            "text", "/", "plain", "csv", "application/json", "*", ";", ",", "q", "=", "0", "1", ".", "5", "\"", "\\",
            " ",
            "\t", "charset", "utf-8", "\u{0}", "é", "\u{301}", "\u{1F600}", "q=0", ";q=0.7", "*/*",
        ]
        for _ in 0..<20_000 {
            let length = Int.random(in: 0...14, using: &generator)
            let garbage = (0..<length).map { _ in pieces.randomElement(using: &generator) ?? "" }.joined()
            let header = AcceptHeader([garbage])
            for range in header.ranges {
                #expect((0...1000).contains(range.weight), "\(garbage)")
                #expect(range.type != "*" || range.subtype == "*", "\(garbage)")
            }
            // On a line of its own it takes nothing from a range that is exact, unless it names the same type.
            guard !garbage.contains("csv") else { continue }
            let beside = AcceptHeader([garbage, "text/csv;header=present;charset=utf-8"])
            let form = try? TranscriptForm(beside)
            #expect(form != nil, "\(garbage)")
        }
    }
}
