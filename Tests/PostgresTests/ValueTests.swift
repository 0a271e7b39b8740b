import Postgres
import Primitives
import Testing

@Suite("Values to the database and back")
struct ValueTests {
    /// Sends `value` as `type` and reads it back.
    private func roundTrip<T: SQLParameter & RowValue & Sendable>(_ value: T, _ type: String, on database: Database) async throws -> T {
        try await database.withConnection { session in
            let row = try #require(try session.first("select \(value)::\(unsafe: type) as value"))
            return try row["value", as: T.self]
        }
    }

    private static let texts = [
        "", "x", "two words", "it's", "\"quoted\"", "back\\slash", "\\", "{a,b}", ",", "NULL", "null", "a\nb\tc\r", "žluťoučký 中文 🦜👩‍👩‍👧",
        "$1", "\u{1}\u{7f}", String(repeating: "long", count: 50_000),
    ]

    @Test("Scalars of every type are read back as they were sent")
    func scalars() async throws {
        try await TestDatabase.with { test in
            let database = test.database
            for text in ValueTests.texts { #expect(try await roundTrip(text, "text", on: database) == text) }
            for value in [0, 1, -1, Int.max, Int.min] { #expect(try await roundTrip(value, "bigint", on: database) == value) }
            for value in [0, Int32.max, .min] { #expect(try await roundTrip(value, "integer", on: database) == value) }
            for value in [Int64.max, .min] { #expect(try await roundTrip(value, "bigint", on: database) == value) }
            for value in [true, false] { #expect(try await roundTrip(value, "boolean", on: database) == value) }
            for value in [0, -0.0, 0.1, 1e300, 5e-324, .infinity, -.infinity, .pi] {
                #expect(try await roundTrip(value, "double precision", on: database) == value)
            }
            #expect(try await roundTrip(Double.nan, "double precision", on: database).isNaN)
            for _ in 0..<10 {
                let identifier = Identifier.make()
                #expect(try await roundTrip(identifier, "uuid", on: database) == identifier)
            }
            for milliseconds in [0, 1, -1, 946_684_800_000, 946_684_799_999, 253_402_300_799_999, -62_135_596_800_000] as [Int64] {
                let time = Timestamp(milliseconds: milliseconds)
                #expect(try await roundTrip(time, "timestamptz", on: database) == time)
            }
            for bytes in [[], [0], [0, 1, 255], Array(0...255)] as [[UInt8]] {
                #expect(try await roundTrip(bytes, "bytea", on: database) == bytes)
            }
            #expect(try await roundTrip(JSONText(#"{"a": "\\ é"}"#), "json", on: database).text == #"{"a": "\\ é"}"#)
            #expect(try await roundTrip(JSONText(#"{"b":1,  "a":[true]}"#), "jsonb", on: database).text == #"{"a": [true], "b": 1}"#)
        }
    }

    @Test("NULL is read back as nil, a value as itself")
    func optionals() async throws {
        try await TestDatabase.with { test in
            #expect(try await roundTrip(String?.none, "text", on: test.database) == nil)
            #expect(try await roundTrip(Optional("x"), "text", on: test.database) == "x")
            #expect(try await roundTrip(Identifier?.none, "uuid", on: test.database) == nil)
            #expect(try await roundTrip(Timestamp?.none, "timestamptz", on: test.database) == nil)
            #expect(try await roundTrip([UInt8]?.none, "bytea", on: test.database) == nil)
            #expect(try await roundTrip([Int]?.none, "bigint[]", on: test.database) == nil)
            #expect(try await roundTrip(JSONText?.none, "jsonb", on: test.database) == nil)
        }
    }

    @Test("Arrays are read back as they were sent: empty, with NULLs, quotes, backslashes and any script")
    func arrays() async throws {
        try await TestDatabase.with { test in
            let database = test.database
            #expect(try await roundTrip(ValueTests.texts, "text[]", on: database) == ValueTests.texts)
            #expect(try await roundTrip([String](), "text[]", on: database) == [])
            let sparse: [String?] = [nil, "", nil, "NULL", "a\"\\"]
            #expect(try await roundTrip(sparse, "text[]", on: database) == sparse)
            #expect(try await roundTrip([Int.max, 0, .min], "bigint[]", on: database) == [.max, 0, .min])
            #expect(try await roundTrip([1, nil] as [Int?], "integer[]", on: database) == [1, nil])
            #expect(try await roundTrip([Int64](), "bigint[]", on: database) == [])
            #expect(try await roundTrip([true, false], "boolean[]", on: database) == [true, false])
            #expect(try await roundTrip([0.5, -.infinity], "double precision[]", on: database) == [0.5, -.infinity])
            let identifiers = (0..<100).map { _ in Identifier.make() }
            #expect(try await roundTrip(identifiers, "uuid[]", on: database) == identifiers)
            let times: [Timestamp?] = [Timestamp(milliseconds: 1), nil, Timestamp(milliseconds: -5)]
            #expect(try await roundTrip(times, "timestamptz[]", on: database) == times)
            let blobs: [[UInt8]] = [[], [0, 92, 34, 255], Array("\\x".utf8)]
            #expect(try await roundTrip(blobs, "bytea[]", on: database) == blobs)
            #expect(try await roundTrip([[1], nil] as [[UInt8]?], "bytea[]", on: database) == [[1], nil])
            let documents = [JSONText(#"{"k": "a\"b"}"#), JSONText("null")]
            #expect(try await roundTrip(documents, "jsonb[]", on: database) == documents)
        }
    }

    @Test("Smaller and related types are read into the wider Swift ones")
    func widening() async throws {
        try await TestDatabase.with { test in
            try await test.database.withConnection { session in
                try session.execute("create type mood as enum ('glad', 'sad')")
                let row = try #require(
                    try session.first(
                        """
                        select 1::smallint, 2::integer, 3::oid, 1.5::real, 'c'::char(3), 'v'::varchar(9), 'n'::name, 'sad'::mood, 'x',
                            array['glad']::mood[], '{"a": 1}'::jsonb
                        """))
                #expect(try row.decode(Int.self, Int.self, Int.self, Double.self) == (1, 2, 3, 1.5))
                #expect(try row[0, as: Int32.self] == 1)
                #expect(try (4..<9).map { try row[$0, as: String.self] } == ["c  ", "v", "n", "sad", "x"])
                #expect(try row[9, as: [String].self] == ["glad"])
                #expect(try row[10, as: [UInt8].self] == Array(#"{"a": 1}"#.utf8))
            }
        }
    }

    private enum Status: String, SQLParameter, RowValue, SQLArrayElement, RowArrayElement { case open, shut }

    @Test("An enum with a raw value is a parameter and a value; an unknown raw value is an error")
    func enums() async throws {
        try await TestDatabase.with { test in
            #expect(try await roundTrip(Status.shut, "text", on: test.database) == .shut)
            #expect(try await roundTrip([Status.shut, .open], "text[]", on: test.database) == [.shut, .open])
            let error = try await databaseError {
                try await test.database.withConnection { try $0.first("select 'ajar'")?[0, as: Status.self] }
            }
            #expect(error.code == .decoding)
        }
    }

    @Test(
        "What does not fit is an error that names the column and no value",
        arguments: [
            ("select 1 as secret", "of integer"), ("select null::text as secret", "NULL"), ("select 1::numeric as secret", "numeric"),
            ("select true as secret", "boolean"), ("select 'x'::bytea as secret", "bytea"),
        ])
    func mismatch(statement: String, hint: String) async throws {
        try await TestDatabase.with { test in
            let error = try await databaseError {
                try await test.database.withConnection { try $0.first(SQL(unsafe: statement))?["secret", as: String.self] }
            }
            #expect(error.code == .decoding)
            #expect(error.message.contains("secret") && error.message.contains(hint), "\(error)")
        }
    }

    @Test("Missing columns, infinite times, arrays of two dimensions and wrong elements are errors")
    func undecodable() async throws {
        try await TestDatabase.with { test in
            try await test.database.withConnection { session in
                let row = try #require(
                    try session.first("select 'infinity'::timestamptz, array[[1],[2]], array[1, null], array['a'] as \"Mixed\""))
                #expect(throws: DatabaseError.self) { try row["nowhere", as: Int.self] }
                #expect(throws: DatabaseError.self) { try row[4, as: Int.self] }
                #expect(throws: DatabaseError.self) { try row[-1, as: Int.self] }
                #expect(throws: DatabaseError.self) { try row[0, as: Timestamp.self] }
                #expect(throws: DatabaseError.self) { try row[1, as: [Int].self] }
                #expect(throws: DatabaseError.self) { try row[2, as: [Int].self] }
                #expect(throws: DatabaseError.self) { try row["Mixed", as: [Int].self] }
                #expect(throws: DatabaseError.self) { try row["mixed", as: [String].self] }
                #expect(try row["Mixed", as: [String].self] == ["a"])
                #expect(try row[2, as: [Int?].self] == [1, nil])
            }
        }
    }

    @Test("A text with a NUL is refused before anything is sent, and the connection goes on")
    func nul() async throws {
        try await TestDatabase.with { test in
            let error = try await databaseError {
                try await test.database.withConnection { try $0.execute("select \("a\0b")::text") }
            }
            #expect(error.code == .invalidParameter)
            #expect(try await roundTrip("after", "text", on: test.database) == "after")
            #expect(test.database.statistics.lost == 0)
        }
    }
}
