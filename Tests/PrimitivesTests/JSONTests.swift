import TestKit
import Testing

@testable import Primitives

struct JSONTests {
    private func parse(_ text: String) throws(JSONSyntaxError) -> (value: JSON, defects: [JSONDefect]) {
        try JSONParser.parse(Array(text.utf8))
    }

    @Test(
        "Documents of RFC 8259 are read, and written back compactly with numbers as they were",
        arguments: [
            ("null", "null"), (" true ", "true"), ("false", "false"), ("0", "0"), ("-0", "-0"), ("1.50", "1.50"),
            ("-12.5e-3", "-12.5e-3"), ("1E+2", "1E+2"),
            ("123456789012345678901234567890", "123456789012345678901234567890"),
            ("\"\"", "\"\""), ("\"a\\/b\"", "\"a/b\""), (#""\u0041""#, "\"A\""), (#""\ud83d\ude00""#, "\"😀\""),
            (#""\"\\\b\f\n\r\t""#, #""\"\\\b\f\n\r\t""#), (#""\u001f\u007f""#, "\"\\u001f\u{7f}\""), ("[]", "[]"),
            ("[ 1 , [ ] , { } ]", "[1,[],{}]"), ("{}", "{}"), (#"{"b":1,"a":[null]}"#, #"{"b":1,"a":[null]}"#),
            ("\t\n\r [1]", "[1]"), (#"{"":0}"#, #"{"":0}"#), ("\"ä日😀\"", "\"ä日😀\""), ("\"\u{2028}\"", "\"\u{2028}\""),
        ])
    func valid(text: String, written: String) throws {
        let parsed = try parse(text)
        #expect(parsed.value.encoded == written)
        #expect(parsed.defects.isEmpty)
    }

    @Test(
        "What RFC 8259 does not allow is refused",
        arguments: [
            "", " ", "nul", "True", "nullx", "01", "-", "+1", "1.", ".5", "1e", "1e+", "0x1", "NaN", "Infinity", "1 2",
            "'a'", "\"a", "\"\\", "\"\\x\"", "\"\\u12\"", "\"\\u12g4\"", "\"a\nb\"", "\"\t\"", "\"\u{0}\"", "[", "[1",
            "[1,", "[1,]", "[,1]", "[1 2]", "]", "{", "{\"a\"", "{\"a\":", "{\"a\":1", "{\"a\":1,}", "{,}", "{a:1}",
            "{\"a\" 1}", "{1:1}", "{\"a\":1}}", "/* */1", "1//", "\u{FEFF}1", "-01", "--1", "1.e5", "\u{a0}1",
        ])
    func invalid(text: String) {
        #expect(throws: JSONSyntaxError.self) { try parse(text) }
    }

    @Test(
        "Bytes that are not UTF-8 are refused",
        arguments: [
            [0x22, 0xFF, 0x22], [0x22, 0xC3, 0x22], [0x22, 0xC0, 0x80, 0x22], [0x22, 0xED, 0xA0, 0x80, 0x22],
            [0x22, 0xF4, 0x90, 0x80, 0x80, 0x22], [0xFF, 0xFE, 0x31, 0x00], [0x22, 0x5C, 0x6E, 0x80, 0x22],
        ] as [[UInt8]])
    func notUTF8(bytes: [UInt8]) {
        #expect(throws: JSONSyntaxError.self) { try JSONParser.parse(bytes) }
    }

    @Test(
        "Defects are named with their path",
        arguments: [
            (#"{"a":1,"a":2}"#, "a", JSONDefect.Kind.duplicateName), (#"{"a":{"b":1,"b":2}}"#, "a.b", .duplicateName),
            (#"{"a":1,"\u0061":2}"#, "a", .duplicateName), (#"["\u0000"]"#, "0", .nulCharacter),
            (#"{"a":["x",{"b":"\u0000"}]}"#, "a.1.b", .nulCharacter), (#""\ud800""#, "", .loneSurrogate),
            (#"{"a":"\udc00"}"#, "a", .loneSurrogate), (#"{"a":"\ud800\u0041"}"#, "a", .loneSurrogate),
            (#"{"a":"\ud800\ud800"}"#, "a", .loneSurrogate), (#"{"a":"\ud83dx"}"#, "a", .loneSurrogate),
        ])
    func defects(text: String, path: String, kind: JSONDefect.Kind) throws {
        #expect(try parse(text).defects.first == JSONDefect(path: path, kind: kind))
    }

    @Test("Duplicates are found in large objects too")
    func manyMembers() throws {
        let names = (0..<40).map { "\"n\($0)\":0" }.joined(separator: ",")
        #expect(try parse("{\(names)}").defects.isEmpty)
        #expect(try parse("{\(names),\"n3\":1}").defects == [JSONDefect(path: "n3", kind: .duplicateName)])
        #expect(try parse("{\(names),\"n39\":1}").defects == [JSONDefect(path: "n39", kind: .duplicateName)])
    }

    @Test("Texts and names that differ only in normalisation are different")
    func normalisation() throws {
        let pairs = [
            ("caf\u{E9}", "cafe\u{301}"), ("K", "\u{212A}"), ("\u{3A9}", "\u{2126}"), ("\u{AC00}", "\u{1100}\u{1161}"),
        ]
        for (one, other) in pairs {
            #expect(one == other, "not what this test is for")
            #expect(JSON.string(one) != JSON.string(other))
            #expect(JSON.array([.string(one)]) != JSON.array([.string(other)]))
            #expect(JSONMember(one, .null) != JSONMember(other, .null))
            #expect(JSON.object([JSONMember(one, .null)]) != JSON.object([JSONMember(other, .null)]))
            let both = try parse("{\"\(one)\":1,\"\(other)\":2}")
            #expect(both.defects.isEmpty)
            #expect(both.value[one].integer == 1 && both.value[other].integer == 2)
            #expect(try parse("{\"\(other)\":2}").value[one].isNull)
            // Large objects are looked through in another way.
            let many = (0..<40).map { "\"n\($0)\":0" }.joined(separator: ",")
            #expect(try parse("{\(many),\"\(one)\":1,\"\(other)\":2}").defects.isEmpty)
            #expect(try parse("{\(many),\"\(one)\":1,\"\(one)\":2}").defects.count == 1)
        }
        #expect(JSON.string("e\u{301}") == .string("e\u{301}"))
        #expect(JSON.string("a\r\n") != .string("a\n"))
    }

    @Test("192 levels are read, one more is refused, and a million brackets do not end the process")
    func depth() throws {
        func nested(_ count: Int) -> String {
            String(repeating: "[", count: count) + String(repeating: "]", count: count)
        }
        _ = try parse(nested(192))
        #expect(throws: JSONSyntaxError.self) { try parse(nested(193)) }
        #expect(throws: JSONSyntaxError.self) { try parse(String(repeating: "{\"a\":[", count: 500_000)) }
    }

    @Test("The fault's place is the byte where reading stopped")
    func offset() {
        let error = #expect(throws: JSONSyntaxError.self) { try parse("{\"ä\":x}") }
        #expect(error?.offset == 6)
    }

    @Test(
        "A number is whole when its value is, in range",
        arguments: [
            ("5", 5), ("-7", -7), ("2.0", 2), ("2e0", 2), ("1e3", 1000), ("9223372036854775807", Int.max), ("1.5", nil),
            ("9223372036854775808", nil), ("1e400", nil), ("1e-5", nil), ("-0", 0), ("-0.0", 0),
            ("0.99999999999999999999", nil), ("1.0000000000000000000000001", nil), ("10e-1", 1), ("100E-2", 1),
            ("0.1e1", 1), ("1.0e0", 1), ("12.50e1", 125), ("12.55e1", nil),
            ("9007199254740993.0", 9_007_199_254_740_993),
            ("922337203685477580.7e1", Int.max), ("9223372036854775808.0", nil), ("-9223372036854775808.0", Int.min),
            ("-92233720368547758080e-1", Int.min), ("-9223372036854775809.0", nil), ("1e18", 1_000_000_000_000_000_000),
            ("1e19", nil), ("0e999999999999999999999999", 0), ("0.000e-7", 0), ("1e999999999999999999999999", nil),
            ("1e-999999999999999999999999", nil), ("-1e-0", -1), ("2e+0000000000000000000000000", 2),
        ] as [(String, Int?)])
    func integers(text: String, value: Int?) throws {
        #expect(try parse(text).value.integer == value)
    }

    @Test("A number of any length and any exponent is read at once", .bounded(minutes: 1))
    func longNumbers() throws {
        let zeros = String(repeating: "0", count: 200_000)
        #expect(try parse("1\(zeros)e-200000").value.integer == 1)
        #expect(try parse("1.\(zeros)").value.integer == 1)
        #expect(try parse("1.\(zeros)1").value.integer == nil)
        #expect(try parse("0.\(zeros)1e200001").value.integer == 1)
        #expect(try parse("1e\(zeros)1").value.integer == 10)
        #expect(try parse("1e\(String(repeating: "9", count: 200_000))").value.integer == nil)
    }

    @Test("Random documents survive writing and reading", arguments: 1...50 as ClosedRange<UInt64>)
    func random(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<20 {
            let document = Self.document(depth: 5, &generator)
            let parsed = try JSONParser.parse(JSONWriter.encode(document))
            #expect(parsed.value == document)
        }
    }

    @Test("Cutting or changing any byte of a document never ends the process")
    func damaged() throws {
        var generator = SeededGenerator(seed: 7)
        for _ in 0..<30 {
            let bytes = JSONWriter.encode(Self.document(depth: 4, &generator))
            for offset in bytes.indices {
                _ = try? JSONParser.parse(bytes[..<offset])
                var changed = bytes
                changed[offset] = UInt8.random(in: 0...255, using: &generator)
                _ = try? JSONParser.parse(changed)
            }
        }
    }

    private static func document(depth: Int, _ generator: inout SeededGenerator) -> JSON {
        switch Int.random(in: 0..<(depth > 0 ? 7 : 5), using: &generator) {
        case 0: .null
        case 1: .bool(.random(using: &generator))
        case 2: .integer(Int.random(in: .min ... .max, using: &generator))
        case 3: .number(JSONNumber(validated: "\(Int.random(in: -9...9, using: &generator)).50e-3"))
        case 4: .string(text(&generator))
        case 5:
            .array((0..<Int.random(in: 0...4, using: &generator)).map { _ in document(depth: depth - 1, &generator) })
        default:
            .object(
                (0..<Int.random(in: 0...4, using: &generator)).map {
                    JSONMember("\($0)" + text(&generator), document(depth: depth - 1, &generator))
                })
        }
    }

    private static func text(_ generator: inout SeededGenerator) -> String {
        let scalars = (0..<Int.random(in: 0...6, using: &generator)).compactMap { _ in
            Unicode.Scalar(UInt32.random(in: 1...(Bool.random(using: &generator) ? 0x7F : 0x10FFFF), using: &generator))
        }
        return String(String.UnicodeScalarView(scalars))
    }
}
