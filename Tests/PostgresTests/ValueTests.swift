import Postgres
import Primitives
import TestKit
import Testing

@Suite("Values to the database and back", .bounded)
struct ValueTests {
    /// Sends `value` as `type` and reads it back.
    private func roundTrip<T: SQLParameter & RowValue & Sendable>(_ value: T, _ type: String, on database: Database)
        async throws -> T
    {
        try await database.withConnection { session in
            let row = try #require(try session.first("select \(value)::\(unsafe: type) as value"))
            return try row["value", as: T.self]
        }
    }

    private func expectRoundTrip<T: SQLParameter & RowValue & Sendable & Equatable>(
        _ value: T, _ type: String, on database: Database, sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let back = try await roundTrip(value, type, on: database)
        #expect(back == value, sourceLocation: sourceLocation)
    }

    private static let texts = [
        "", "x", "two words", "it's", "\"quoted\"", "back\\slash", "\\", "{a,b}", ",", "NULL", "null", "a\nb\tc\r",
        "žluťoučký 中文 🦜👩‍👩‍👧",
        "$1", "\u{1}\u{7f}", String(repeating: "long", count: 50_000),
    ]

    @Test("Scalars of every type are read back as they were sent")
    func scalars() async throws {
        try await TestDatabase.with { test in
            let database = test.database
            for text in ValueTests.texts { try await expectRoundTrip(text, "text", on: database) }
            for value in [0, 1, -1, Int.max, Int.min] { try await expectRoundTrip(value, "bigint", on: database) }
            for value in [0, Int32.max, .min] { try await expectRoundTrip(value, "integer", on: database) }
            for value in [Int64.max, .min] { try await expectRoundTrip(value, "bigint", on: database) }
            for value in [true, false] { try await expectRoundTrip(value, "boolean", on: database) }
            for value in [0, -0.0, 0.1, 1e300, Double.leastNonzeroMagnitude, .infinity, -.infinity, .pi] {
                try await expectRoundTrip(value, "double precision", on: database)
            }
            #expect(try await roundTrip(Double.nan, "double precision", on: database).isNaN)
            for _ in 0..<10 {
                let identifier = Identifier.make()
                try await expectRoundTrip(identifier, "uuid", on: database)
            }
            for milliseconds in [0, 1, -1, 946_684_800_000, 946_684_799_999, 253_402_300_799_999, -62_135_596_800_000]
                as [Int64]
            {
                let time = Timestamp(milliseconds: milliseconds)
                try await expectRoundTrip(time, "timestamptz", on: database)
            }
            for bytes in [[], [0], [0, 1, 255], Array(0...255)] as [[UInt8]] {
                try await expectRoundTrip(bytes, "bytea", on: database)
            }
            #expect(try await roundTrip(JSONText(#"{"a": "\\ é"}"#), "json", on: database).text == #"{"a": "\\ é"}"#)
            #expect(
                try await roundTrip(JSONText(#"{"b":1,  "a":[true]}"#), "jsonb", on: database).text
                    == #"{"a": [true], "b": 1}"#)
        }
    }

    @Test("NULL is read back as nil, a value as itself")
    func optionals() async throws {
        try await TestDatabase.with { test in
            try await expectRoundTrip(String?.none, "text", on: test.database)
            try await expectRoundTrip(Optional("x"), "text", on: test.database)
            try await expectRoundTrip(Identifier?.none, "uuid", on: test.database)
            try await expectRoundTrip(Timestamp?.none, "timestamptz", on: test.database)
            try await expectRoundTrip([UInt8]?.none, "bytea", on: test.database)
            try await expectRoundTrip([Int]?.none, "bigint[]", on: test.database)
            try await expectRoundTrip(JSONText?.none, "jsonb", on: test.database)
        }
    }

    @Test("Arrays are read back as they were sent: empty, with NULLs, quotes, backslashes and any script")
    func arrays() async throws {
        try await TestDatabase.with { test in
            let database = test.database
            try await expectRoundTrip(ValueTests.texts, "text[]", on: database)
            try await expectRoundTrip([String](), "text[]", on: database)
            let sparse: [String?] = [nil, "", nil, "NULL", "a\"\\"]
            try await expectRoundTrip(sparse, "text[]", on: database)
            try await expectRoundTrip([Int.max, 0, .min], "bigint[]", on: database)
            try await expectRoundTrip([1, nil] as [Int?], "integer[]", on: database)
            try await expectRoundTrip([Int64](), "bigint[]", on: database)
            try await expectRoundTrip([true, false], "boolean[]", on: database)
            try await expectRoundTrip([0.5, -.infinity], "double precision[]", on: database)
            let identifiers = (0..<100).map { _ in Identifier.make() }
            try await expectRoundTrip(identifiers, "uuid[]", on: database)
            let times: [Timestamp?] = [Timestamp(milliseconds: 1), nil, Timestamp(milliseconds: -5)]
            try await expectRoundTrip(times, "timestamptz[]", on: database)
            let blobs: [[UInt8]] = [[], [0, 92, 34, 255], Array("\\x".utf8)]
            try await expectRoundTrip(blobs, "bytea[]", on: database)
            try await expectRoundTrip([[1], nil] as [[UInt8]?], "bytea[]", on: database)
            let documents = [JSONText(#"{"k": "a\"b"}"#), JSONText("null")]
            try await expectRoundTrip(documents, "jsonb[]", on: database)
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
                        select 1::smallint, 2::integer, 3::oid, 1.5::real, 'c'::char(3),
                        'v'::varchar(9), 'n'::name, 'sad'::mood,
                            'x',
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
            ("select 1 as secret", "of integer"), ("select null::text as secret", "NULL"),
            ("select 1::numeric as secret", "numeric"),
            ("select true as secret", "boolean"), ("select 'x'::bytea as secret", "bytea"),
        ])
    func mismatch(statement: String, hint: String) async throws {
        try await TestDatabase.with { test in
            let error = try await databaseError {
                try await test.database.withConnection {
                    try $0.first(SQL(unsafe: statement))?["secret", as: String.self]
                }
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
                    try session.first(
                        "select 'infinity'::timestamptz, array[[1],[2]], array[1, null], array['a'] as \"Mixed\""))
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
            try await expectRoundTrip("after", "text", on: test.database)
            #expect(test.database.statistics.lost == 0)
        }
    }
}
