import Primitives
import Testing

@testable import Postgres

@Suite("SQL text")
struct SQLTests {
    @Test("Interpolated values become numbered parameters")
    func parameters() {
        let sql: SQL = "select \(1), \("two") from t where x = \(true)"
        #expect(sql.text == "select $1, $2 from t where x = $3")
        #expect(sql.parameterCount == 3)
        #expect(texts(sql) == ["1", "two", "t"])
    }

    @Test("A spliced fragment's parameters are renumbered, also past nine of them")
    func splice() {
        let inner: SQL = "a = \(1) and b = \(2)"
        let sql: SQL = "select \(0) where \(sql: inner) and c = \(3)"
        #expect(sql.text == "select $1 where a = $2 and b = $3 and c = $4")
        #expect(texts(sql) == ["0", "1", "2", "3"])
        let many = (1...12).map { "\($0)" as SQL }.joined(separator: ", ")
        let twice: SQL = "\(sql: many); \(sql: many)."
        #expect(many.text == "$1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12")
        #expect(twice.text == "\(many.text); $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24.")
        #expect(texts(twice).count == 24)
    }

    @Test("A dollar and a digit written in the text are left alone when spliced")
    func literalDollar() {
        let inner: SQL = "x = '$1é' and y = \(7)"
        #expect((("\(1), " as SQL) + inner).text == "$1, x = '$1é' and y = $2")
    }

    @Test("Raw text and quoted identifiers bind nothing")
    func raw() {
        let sql: SQL = "select * from \(identifier: "we\"ird") \(unsafe: "order by 1")"
        #expect(sql.text == "select * from \"we\"\"ird\" order by 1")
        #expect(sql.parameterCount == 0)
    }

    @Test("NULL is not a text")
    func null() {
        let sql: SQL = "\(String?.none), \(Optional("x")), \(Int?.none)"
        #expect(texts(sql) == [nil, "x", nil])
    }

    @Test("Values are written as PostgreSQL reads them")
    func values() {
        let bytes: [UInt8] = [0, 255, 16]
        let sql: SQL = """
            \(Int.min) \(Int64.max) \(UInt64.max) \(Int32.min) \(0) \(-1.5) \(Double.nan) \(bytes) \(false)
            \([1, -2]) \(["a\"b", "c\\d", ""]) \([String]()) \([nil, "NULL"] as [String?]) \([[1], []] as [[UInt8]])
            """
        #expect(
            texts(sql) == [
                "-9223372036854775808", "9223372036854775807", "18446744073709551615", "-2147483648", "0", "-1.5",
                "nan",
                "\\x00ff10", "f", "{1,-2}", #"{"a\"b","c\\d",""}"#, "{}", #"{NULL,"NULL"}"#, #"{"\\x01","\\x"}"#,
            ])
    }

    @Test("A text with a NUL is found, also after splicing")
    func nul() {
        let inner: SQL = "\("a\0b")"
        let sql: SQL = "\(1) \(sql: inner)"
        #expect(inner.parameters.firstWithNUL == 1)
        #expect(sql.parameters.firstWithNUL == 2)
    }

    private func texts(_ sql: SQL) -> [String?] {
        sql.parameters.withPointers { pointers in
            (0..<sql.parameterCount).map { index in pointers?[index].map { String(cString: $0) } }
        }
    }
}
