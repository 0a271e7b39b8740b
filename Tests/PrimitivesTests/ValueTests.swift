import TestKit
import Testing

@testable import Primitives

struct IdentifierTests {
    @Test("New identifiers are version 7 and tell the time of their making")
    func version7() {
        let before = Timestamp.now()
        let id = Identifier.make()
        let characters = Array(id.description)
        #expect(characters.count == 36 && characters[14] == "7" && "89ab".contains(characters[19]))
        #expect(before <= id.time && id.time <= .now())
    }

    @Test("A later one sorts after an earlier one, as value and as text", .seeded)
    func order() {
        var generator = SeededGenerator()
        let ids = (0..<500).map {
            Identifier(at: Timestamp(milliseconds: 1_700_000_000_000 + $0 * 7), using: &generator)
        }
        #expect(ids == ids.sorted())
        #expect(ids.map(\.description) == ids.map(\.description).sorted())
        #expect(Set(ids).count == 500)
    }

    @Test("Text is read in either case and written in lower case")
    func text() throws {
        let id = try #require(Identifier("0197A1B2-c3d4-7E5F-8a6b-FfEeDdCcBbAa"))
        #expect(id.description == "0197a1b2-c3d4-7e5f-8a6b-ffeeddccbbaa")
        #expect(id.high == 0x0197_A1B2_C3D4_7E5F && id.low == 0x8A6B_FFEE_DDCC_BBAA)
        for _ in 0..<200 {
            let made = Identifier.make()
            #expect(Identifier(made.description) == made)
        }
    }

    @Test(
        "Anything else is no identifier",
        arguments: [
            "", "0197a1b2c3d47e5f8a6bffeeddccbbaa", "{0197a1b2-c3d4-7e5f-8a6b-ffeeddccbbaa}",
            "0197a1b2-c3d4-7e5f-8a6b-ffeeddccbba", "0197a1b2-c3d4-7e5f-8a6b-ffeeddccbbaaa",
            "0197a1b2-c3d4-7e5f-8a6bf-feeddccbbaa", "0197a1b2-c3d4-7e5f-8a6b-ffeeddccbbag",
            " 197a1b2-c3d4-7e5f-8a6b-ffeeddccbbaa", "0197a1b2_c3d4_7e5f_8a6b_ffeeddccbbaa",
            "é197a1b2-c3d4-7e5f-8a6b-ffeeddccbba",
        ])
    func bad(text: String) {
        #expect(Identifier(text) == nil)
    }
}

struct TimestampTests {
    @Test(
        "RFC 3339 is read with any offset, and written in UTC with milliseconds",
        arguments: [
            ("1970-01-01T00:00:00Z", "1970-01-01T00:00:00.000Z"),
            ("2026-01-31T12:00:00.5Z", "2026-01-31T12:00:00.500Z"),
            ("2026-01-31t12:00:00z", "2026-01-31T12:00:00.000Z"),
            ("2026-01-31T12:00:00.123999Z", "2026-01-31T12:00:00.123Z"),
            ("2026-01-31T12:00:00+01:00", "2026-01-31T11:00:00.000Z"),
            ("2026-01-01T00:30:00+05:45", "2025-12-31T18:45:00.000Z"),
            ("2026-12-31T23:30:00-01:00", "2027-01-01T00:30:00.000Z"),
            ("2024-02-29T00:00:00Z", "2024-02-29T00:00:00.000Z"),
            ("2000-02-29T00:00:00Z", "2000-02-29T00:00:00.000Z"),
            ("1969-12-31T23:59:59.999Z", "1969-12-31T23:59:59.999Z"),
            ("0000-03-01T00:00:00Z", "0000-03-01T00:00:00.000Z"),
            ("9999-12-31T23:59:59.999Z", "9999-12-31T23:59:59.999Z"),
            ("2016-12-31T23:59:60Z", "2016-12-31T23:59:59.000Z"),
            ("2026-01-31T12:00:00-00:00", "2026-01-31T12:00:00.000Z"),
        ])
    func read(text: String, written: String) throws {
        let time = try #require(Timestamp(text))
        #expect(time.description == written)
        #expect(Timestamp(written) == time)
    }

    @Test(
        "What is no time is refused",
        arguments: [
            "", "now", "2026-01-31", "2026-01-31T12:00:00", "2026-01-31 12:00:00Z", "2026-13-01T00:00:00Z",
            "2026-00-01T00:00:00Z", "2026-02-29T00:00:00Z", "1900-02-29T00:00:00Z", "2026-04-31T00:00:00Z",
            "2026-01-00T00:00:00Z", "2026-01-01T24:00:00Z", "2026-01-01T00:60:00Z", "2026-01-01T00:00:61Z",
            "2026-01-01T00:00:00.Z", "2026-01-01T00:00:00Zx", "2026-01-01T00:00:00+1:00", "2026-01-01T00:00:00+24:00",
            "2026-01-01T00:00:00+01:60", "2026-01-01T00:00:00+0100", "26-01-01T00:00:00Z0000", "+026-01-01T00:00:00Z",
            "2026-1-01T00:00:00.0Z", "２026-01-01T00:00:00Z",
        ])
    func refused(text: String) {
        #expect(Timestamp(text) == nil)
    }

    @Test(
        "A time finer than a millisecond is rounded up where that is asked for, into another year if need be",
        arguments: [
            ("2026-01-31T12:00:00.1230Z", "2026-01-31T12:00:00.123Z"),
            ("2026-01-31T12:00:00.1230000000000000000000000001Z", "2026-01-31T12:00:00.124Z"),
            ("2026-01-31T12:00:00.0001+01:00", "2026-01-31T11:00:00.001Z"),
            ("2026-12-31T23:59:59.9991Z", "2027-01-01T00:00:00.000Z"),
            ("1969-12-31T23:59:59.9995Z", "1970-01-01T00:00:00.000Z"),
            ("1969-12-31T23:59:59.0001Z", "1969-12-31T23:59:59.001Z"),
            ("2016-12-31T23:59:60.0001Z", "2016-12-31T23:59:59.001Z"),
        ])
    func roundedUp(text: String, written: String) {
        #expect(Timestamp(text, roundsUp: true)?.description == written)
    }

    @Test("The end of the year 9999 is rounded up past what can be written")
    func lastMoment() {
        #expect(Timestamp("9999-12-31T23:59:59.9999Z", roundsUp: true)?.milliseconds == 253_402_300_800_000)
        #expect(Timestamp("9999-12-31T23:59:59.9999Z")?.milliseconds == 253_402_300_799_999)
    }

    @Test("Every day of four centuries survives writing and reading")
    func everyDay() {
        for day in stride(from: Int64(-73_000), through: 73_000, by: 1) {
            let time = Timestamp(milliseconds: day * 86_400_000 + 12_345_678)
            guard Timestamp(time.description) == time else {
                Issue.record("\(time)")
                return
            }
        }
    }

    @Test("Years beyond four digits are written as the nearest that has them")
    func clamped() {
        #expect(Timestamp(milliseconds: .max).description == "9999-12-31T23:59:59.999Z")
        #expect(Timestamp(milliseconds: .min).description == "0000-01-01T00:00:00.000Z")
    }

    @Test("Seconds are rounded down, before 1970 too")
    func seconds() {
        let table: [(Int64, Int64)] = [(0, 0), (999, 0), (1000, 1), (-1, -1), (-1000, -1), (-1001, -2)]
        for (milliseconds, seconds) in table { #expect(Timestamp(milliseconds: milliseconds).seconds == seconds) }
    }
}

struct Base64URLTests {
    @Test(
        "The vectors of RFC 4648, without padding, in the URL-safe alphabet",
        arguments: [
            ("", ""), ("f", "Zg"), ("fo", "Zm8"), ("foo", "Zm9v"), ("foob", "Zm9vYg"), ("fooba", "Zm9vYmE"),
            ("foobar", "Zm9vYmFy"), ("??>", "Pz8-"), ("???", "Pz8_"),
        ])
    func vectors(text: String, encoded: String) {
        #expect(Base64URL.encode(Array(text.utf8)) == encoded)
        #expect(Base64URL.decode(encoded) == Array(text.utf8))
    }

    @Test(
        "What no encoder makes is refused",
        arguments: ["Z", "Zg==", "Zh", "Zm9", "Zm+v", "Zm/v", "Zm9v ", "Zm9vY", "é"])
    func bad(text: String) {
        #expect(Base64URL.decode(text) == nil)
    }

    @Test("Bytes of every length survive", .seeded)
    func roundTrip() {
        var generator = SeededGenerator()
        for length in 0..<100 {
            let bytes = (0..<length).map { _ in UInt8.random(in: 0...255, using: &generator) }
            #expect(Base64URL.decode(Base64URL.encode(bytes)) == bytes)
        }
    }
}
