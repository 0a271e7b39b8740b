import Primitives
import Testing

@testable import Messaging

/// The rules for bodies of the public interface, each by a field that breaks it.
struct InputReaderTests {
    private enum Colour: String, DescribedWord {
        static let about = "A colour."

        case red, green
    }

    private struct Fields: InputFields {
        static let about = "One field of each kind."

        let text = InputField.text("text", 1...5, "A text.", example: "a")
        let note = InputField.json("note", .anything, "A note.", example: "ab").optional
        let count = InputField.integer("count", 1...10, "A number.", example: 1).optional
        let id = InputField.identifier("id", "An id.", example: .make()).optional
        let colour = InputField.word("colour", "A colour.", example: Colour.red).optional
        let flag = InputField.boolean("flag", "A flag.", example: true).optional
        let secret = InputField.text("secret", 2...4, "A secret.", example: "abc").optional

        var atLeastOneOf: [String] { ["text", "note"] }
    }

    /// Reads one field of each kind, and gives the faults as words.
    private func faults(_ body: String) -> [String] {
        do {
            var input = try InputReader(body: Array(body.utf8))
            let fields = Fields()
            _ = input.text(fields.text)
            if let note = input.value(fields.note) { _ = input.text(note, "note", 2...5) }
            _ = input.optionalInteger(fields.count)
            _ = input.optionalIdentifier(fields.id)
            if input.has(fields.colour) { _ = input.choice(fields.colour) }
            if input.has(fields.flag) { _ = input.boolean(fields.flag) }
            if input.has(fields.secret) { _ = input.secret(fields.secret) }
            try input.finish()
            return []
        } catch {
            return error.code == .validationFailed
                ? error.faults.map { "\($0.field) \($0.code)" }.sorted() : [error.code.rawValue]
        }
    }

    @Test(
        "What the interface allows is read",
        arguments: [
            #"{"text":"a"}"#, #"{"text":"a","note":null,"count":null,"id":null}"#, #"{"text":" a "}"#,
            #"{"text":"😀😀😀😀😀"}"#, #"{"text":"e\u0301e\u0301e"}"#, #"{"text":"a","count":10}"#,
            #"{"text":"a","count":1e1}"#, #"{"text":"a","count":3.0}"#, #"{"text":"\ud83d\ude00"}"#,
            #"{"text":"a","id":"0197A1B2-C3D4-7E5F-8A6B-000000000001"}"#, #"{"text":"a","colour":"red"}"#,
            #"{"text":"a","flag":false}"#, #"{"text":"a","secret":"  "}"#, " \n{\"text\" : \"a\"}\t",
        ])
    func accepted(body: String) {
        #expect(faults(body) == [])
    }

    @Test(
        "What it refuses is named by field and reason",
        arguments: [
            (#"{}"#, ["text required"]), (#"{"text":null}"#, ["text null"]), (#"{"text":""}"#, ["text length"]),
            (#"{"text":" \t\n"}"#, ["text blank"]), (#"{"text":"\u00a0\u2003"}"#, ["text blank"]),
            (#"{"text":"abcdef"}"#, ["text length"]), (#"{"text":"e\u0301e\u0301e\u0301"}"#, ["text length"]),
            (#"{"text":1}"#, ["text type"]), (#"{"text":["a"]}"#, ["text type"]),
            (#"{"text":"a\u0000"}"#, ["text characters"]), (#"{"text":"\ud800"}"#, ["text characters"]),
            (#"{"text":"\udc00a"}"#, ["text characters"]), (#"{"text":"a","note":" "}"#, ["note length"]),
            (#"{"text":"a","note":"  "}"#, ["note blank"]), (#"{"text":"a","more":1}"#, ["more unknown"]),
            (#"{"text":"a","text":"b"}"#, ["text duplicate"]),
            (#"{"text":"a","count":0}"#, ["count range"]), (#"{"text":"a","count":11}"#, ["count range"]),
            (#"{"text":"a","count":1.5}"#, ["count type"]), (#"{"text":"a","count":"1"}"#, ["count type"]),
            (#"{"text":"a","count":true}"#, ["count type"]),
            (#"{"text":"a","count":99999999999999999999}"#, ["count type"]),
            (#"{"text":"a","id":"x"}"#, ["id format"]), (#"{"text":"a","id":1}"#, ["id type"]),
            (#"{"text":"a","colour":"blue"}"#, ["colour value"]), (#"{"text":"a","colour":1}"#, ["colour type"]),
            (#"{"text":"a","colour":null}"#, ["colour null"]), (#"{"text":"a","flag":0}"#, ["flag type"]),
            (#"{"text":"a","flag":null}"#, ["flag null"]), (#"{"text":"a","secret":"a"}"#, ["secret length"]),
            ("[]", ["body type"]), ("\"text\"", ["body type"]), ("null", ["body type"]), ("", ["malformed-json"]),
            ("{", ["malformed-json"]), (#"{"text":"a",}"#, ["malformed-json"]), (#"{"text":'a'}"#, ["malformed-json"]),
        ] as [(String, [String])])
    func refused(body: String, expected: [String]) {
        #expect(faults(body) == expected)
    }

    @Test("A name with what text may not hold is a fault of what it stands in")
    func badName() {
        #expect(faults(#"{"text":"a","\u0000":1}"#) == ["\u{0} unknown", "body characters"])
        #expect(faults(#"{"text":"a","x":{"\ud800":1}}"#) == ["x characters"])
    }

    @Test("A document of a client is at most 32 levels deep")
    func depth() {
        func nested(_ levels: Int, _ open: String, _ close: String) -> String {
            String(repeating: open, count: levels) + "1" + String(repeating: close, count: levels)
        }
        for (open, close) in [("[", "]"), (#"{"a":"#, "}"), (#"{"a":["#, "]}")] {
            let each = open.count(where: { $0 == "{" || $0 == "[" })
            // The document's own object is the first level.
            let most = 31 / each
            #expect(faults(#"{"text":"a","deep":\#(nested(most, open, close))}"#) == ["deep unknown"])
            #expect(faults(#"{"text":"a","deep":\#(nested(most + 1, open, close))}"#) == ["malformed-json"])
        }
        #expect(faults(#"{"text":"a","deep":\#(nested(30_000, "[", "]"))}"#) == ["malformed-json"])
        #expect(faults(String(repeating: "[", count: 60_000)) == ["malformed-json"])
    }

    @Test("At most 32 faults are listed, and what is not listed is refused all the same")
    func manyFaults() {
        let members = (0..<500).map { #""x\#($0)":1"# }.joined(separator: ",")
        let found = faults("{\(members)}")
        #expect(found.count == 32 && found.contains("text required"))
        let doubled = (0..<40).map { #""x\#($0)":1,"x\#($0)":1"# }.joined(separator: ",")
        #expect(faults(#"{"text":"a",\#(doubled)}"#).count == 32)
    }

    @Test("However long names are and however deep they stand, an answer stays small")
    func longNames() throws {
        let name = String(repeating: "é", count: 15_000)
        let doubled = (0..<40).map { #""x\#($0)":1,"x\#($0)":1"# }.joined(separator: ",")
        for body in [#"{"\#(name)":{\#(doubled)}}"#, #"{"\#(name)":1}"#] {
            var input = try InputReader(body: Array(body.utf8))
            let error = #expect(throws: ServiceError.self) { try input.finish() }
            let faults = error?.faults ?? []
            #expect((1...32).contains(faults.count))
            #expect(faults.allSatisfy { $0.field.unicodeScalars.count == 201 && $0.field.hasSuffix("é…") })
            #expect(error.map { JSONWriter.encode($0).count } ?? .max < 32 * 600)
        }
    }

    @Test("A field is known by its code points, and so are two unknown ones")
    func names() throws {
        var input = try InputReader(body: Array("{\"\u{212A}\":1,\"\u{E9}\":2,\"e\u{301}\":3}".utf8))
        let kelvin = InputField.json("K", .anything, "A letter.", example: .null)
        #expect(!input.has(kelvin))
        #expect(input.value(kelvin) == nil)
        let error = #expect(throws: ServiceError.self) { try input.finish() }
        #expect(error?.faults.map { Array($0.field.unicodeScalars) } == [["\u{212A}"], ["\u{E9}"], ["e", "\u{301}"]])
    }

    @Test(
        "What shows nothing is blank",
        arguments: ["\\u200b", "\\ufeff\\u2060", " \\u00ad\\t", "\\u3164", "\\u2028\\u2029", "\\u0085", "\\r\\n"])
    func blank(text: String) {
        #expect(faults(#"{"text":"\#(text)"}"#) == ["text blank"])
        #expect(faults(#"{"text":"a\#(text)"}"#) == [])
    }

    @Test("Lengths count Unicode scalars, not what Swift takes for one character")
    func scalars() {
        #expect(faults(#"{"text":"\r\n\r\n\r"}"#) == ["text blank"])
        #expect(faults(#"{"text":"\r\n\r\na"}"#) == [])
        #expect(faults(#"{"text":"\r\n\r\nab"}"#) == ["text length"])
        #expect(faults(#"{"text":"👩‍👩‍👧"}"#) == [])
        #expect(faults(#"{"text":"👩‍👩‍👧a"}"#) == ["text length"])
    }

    @Test("All faults come in one answer, one for each field")
    func allAtOnce() {
        let body = #"{"text":"","note":5,"count":0,"id":"x","colour":"blue","flag":1,"secret":"","x":1,"y":2}"#
        #expect(
            faults(body) == [
                "colour value", "count range", "flag type", "id format", "note type", "secret length", "text length",
                "x unknown", "y unknown",
            ])
    }

    @Test("A defect deep in a value is named by its path, and the field is not blamed twice")
    func deepDefect() throws {
        var input = try InputReader(body: Array(#"{"data":{"tags":["a","\u0000"]}}"#.utf8))
        #expect(input.value(.json("data", .anything, "Data.", example: .null)) != nil)
        input.fault("data", "type", "said by another rule")
        let error = #expect(throws: ServiceError.self) { try input.finish() }
        #expect(error?.faults.map { "\($0.field) \($0.code)" } == ["data.tags.1 characters"])
    }

    @Test("Absent, null and present are told apart")
    func presence() throws {
        let input = try InputReader(body: Array(#"{"text":null,"count":1}"#.utf8))
        let fields = Fields()
        #expect(input.has(fields.text) && input.isNull(fields.text))
        #expect(input.has(fields.count) && !input.isNull(fields.count))
        #expect(!input.has(fields.flag) && !input.isNull(fields.flag))
    }

    @Test("Of fields of which one must be there, null is one", arguments: [(#"{"note":null}"#, true), ("{}", false)])
    func oneOfSome(body: String, isThere: Bool) throws {
        var input = try InputReader(body: Array(body.utf8))
        input.requireAny(of: Fields())
        if isThere {
            #expect(throws: Never.self) { try input.requireNoFaults() }
        } else {
            let error = #expect(throws: ServiceError.self) { try input.requireNoFaults() }
            #expect(error?.faults.map { "\($0.field) \($0.code)" } == ["body required"])
        }
    }

    @Test("What documents say of the fields is what they are read by")
    func described() {
        let schema = Fields().schema
        #expect(schema.members.map(\.name) == ["text", "note", "count", "id", "colour", "flag", "secret"])
        #expect(schema.members.filter(\.isRequired).map(\.name) == ["text"])
        #expect(schema.members[0].schema == .string(length: 1...5))
        #expect(schema.members[2].schema == .orNull(.integer(1...10)))
        #expect(schema.members[4].schema == .orNull(Colour.schema))
        #expect(InputField.integer("count", 1...10, "A number.", example: 1).omittable.schema == .integer(1...10))
        #expect(schema.atLeastOneOf == ["text", "note"])
    }
}

struct QueryReaderTests {
    private let limit = InputField.limit()
    private let count = InputField.integer("n", -5...5, "A number.", example: 1)
    private let flag = InputField.boolean("flag", "A flag.", example: true)
    private let id = InputField.identifier("id", "An id.", example: .make())
    private let at = InputField.time("at", "A time.", example: .now())
    private let role = InputField.word("role", "A role.", example: Role.admin)
    private let search = InputField.search(in: "names")

    @Test("Good parameters are read, absent ones are nil, unknown ones passed over")
    func read() throws {
        let id = Identifier.make()
        var query = QueryReader(
            QueryParameters([
                "limit": "100", "n": "-5", "flag": "false", "id": "\(id)", "at": "2026-01-31T13:00:00+01:00",
                "role": "Admin", "q": "a b", "other": "x",
            ]))
        equal(query.limit(limit), 100)
        equal(query.integer(count), -5)
        equal(query.boolean(flag), false)
        equal(query.identifier(self.id), id)
        equal(query.timestamp(at)?.description, "2026-01-31T12:00:00.000Z")
        equal(query.choice(role), .admin)
        equal(query.search(search), "a b")
        equal(query.integer(.integer("absent", 0...1, "Absent.", example: 0)), nil)
        #expect(try query.cursor(.cursor, as: Identifier.self) == nil)
        try query.finish()
        var empty = QueryReader(QueryParameters())
        equal(empty.limit(limit), 20)
        equal(empty.search(search), nil)
    }

    @Test("A bound in time finer than a millisecond is rounded up")
    func fineBounds() {
        var query = QueryReader(
            QueryParameters([
                "a": "2026-01-31T12:00:00.0001Z", "b": "2026-01-31T12:00:00.0010Z", "c": "9999-12-31T23:59:59.9999Z",
                "d": "0000-01-01T00:00:00+23:59",
            ]))
        equal(query.timestamp(.time("a", "A time.", example: .now()))?.description, "2026-01-31T12:00:00.001Z")
        equal(query.timestamp(.time("b", "A time.", example: .now()))?.description, "2026-01-31T12:00:00.001Z")
        equal(query.timestamp(.time("c", "A time.", example: .now()))?.milliseconds, 253_402_300_800_000)
        equal(
            query.timestamp(.time("d", "A time.", example: .now())).map { $0.milliseconds < -62_167_219_200_000 }, true)
        #expect(throws: Never.self) { try query.finish() }
    }

    @Test("All bad parameters are named at once")
    func faults() {
        var query = QueryReader(
            QueryParameters([
                "limit": "0", "n": "1.5", "flag": "yes", "id": "1", "at": "now", "role": "admin",
                "q": String(repeating: "x", count: 201),
            ]))
        _ = query.limit(limit)
        _ = query.integer(count)
        _ = query.boolean(flag)
        _ = query.identifier(id)
        _ = query.timestamp(at)
        _ = query.choice(role)
        _ = query.search(search)
        let error = #expect(throws: ServiceError.self) { try query.finish() }
        #expect(error?.faults.map(\.field) == ["limit", "n", "flag", "id", "at", "role", "q"])
    }

    @Test("NUL cannot be looked for")
    func searchNUL() {
        var query = QueryReader(QueryParameters(["q": "a\0b"]))
        equal(query.search(search), nil)
        #expect(throws: ServiceError.self) { try query.finish() }
    }

    @Test("A cursor that a list gave is read back; anything else is an invalid cursor")
    func cursors() throws {
        let id = Identifier.make()
        #expect(
            try QueryReader(QueryParameters(["cursor": Cursor.encode(id)])).cursor(.cursor, as: Identifier.self) == id)
        // The last says the same as a cursor of the list, in other words.
        let bad = [
            "", "!", "AAAA", "\(id)", Cursor.encode(id) + "A", String(repeating: "A", count: 300),
            Base64URL.encode(Array("\(id)".uppercased().utf8)),
        ]
        for text in bad {
            let error = #expect(throws: ServiceError.self) {
                try QueryReader(QueryParameters(["cursor": text])).cursor(.cursor, as: Identifier.self)
            }
            #expect(error?.code == .invalidCursor, "\(text)")
        }
    }

    @Test("A page has a cursor when one more was found, and none on the last page")
    func pages() {
        let ids = (0..<3).map { _ in Identifier.make() }
        let first = Page(ids, limit: 2) { $0 }
        #expect(first.items == Array(ids.prefix(2)))
        #expect(first.nextCursor == Cursor.encode(ids[1]))
        #expect(Page(ids, limit: 3) { $0 }.nextCursor == nil)
        #expect(Page([Identifier](), limit: 3) { $0 }.nextCursor == nil)
    }
}

/// For values that a mutating method gives.
private func equal<Value: Equatable>(
    _ value: Value, _ expected: Value, sourceLocation: SourceLocation = #_sourceLocation
) {
    #expect(value == expected, sourceLocation: sourceLocation)
}
