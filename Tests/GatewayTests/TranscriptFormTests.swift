import Contracts
import Messaging
import Primitives
import TestKit
import Testing

@testable import GatewayService

/// Each form of a transcript, bare.
struct TranscriptFormTests {
    private let owner = Participant(id: .make(), name: "Olga Owner", role: .regular)
    private let admin = Participant(id: .make(), name: "Adam Admin", role: .admin)
    private let begun = Timestamp(milliseconds: 1_700_000_000_000)

    private func message(_ seq: Int, _ content: String, by sender: Participant? = nil, kind: MessageKind = .text)
        -> Message
    {
        Message(
            id: .make(), orderID: .make(), seq: seq, kind: kind, sender: sender ?? owner, content: content,
            createdAt: Timestamp(milliseconds: begun.milliseconds + Int64(seq)))
    }

    private func head(lastSeq: Int, summary: String? = nil, owner name: String? = nil) -> TranscriptHead {
        var room = Room(
            orderID: .make(), owner: Person(id: owner.id, name: name ?? owner.name), isOpen: summary == nil,
            summary: summary, lastSeq: lastSeq, unread: 0, createdAt: begun)
        if summary != nil { (room.closedAt, room.closedBy) = (begun, admin) }
        return TranscriptHead(of: room, number: 1042)
    }

    private func document(_ renderer: any TranscriptRenderer, _ head: TranscriptHead, _ messages: [Message]) -> String {
        var bytes: [UInt8] = []
        renderer.begin(head, &bytes)
        for message in messages { renderer.add(message, &bytes) }
        renderer.end(head, &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Texts that are hard on a form.
    private static let contents = [
        "Hello", "a \"quoted\" word", "one, two", "line\nline", "line\r\nline", "line\rline", "\u{2028}", "🪑 👩‍👩‍👧 🇩🇪",
        "שלום עולם", "\u{202E}evil", "tab\there", "\u{7}\u{1B}[31mred", "e\u{301}", "'", ",", "\"", "\"\"\"", " ",
        String(repeating: "𝄞", count: 4000), "=1+1", "\\u0041", "</script>", "\u{FEFF}mark",
    ]

    // MARK: JSON

    @Test("As JSON it is an object of the room's facts and the messages, as they were sent")
    func json() throws {
        let messages = Self.contents.enumerated().map { message($0.offset + 1, $0.element) }
        let head = head(lastSeq: messages.count, summary: "So \"be\" it\n")
        let json = try JSONParser.parse(Array(document(JSONTranscript(), head, messages).utf8)).value
        #expect(try TranscriptHead(json: json) == head)
        #expect(try json.get("messages", as: [Message].self) == messages)
    }

    @Test("As JSON an empty room has an empty list")
    func emptyJSON() throws {
        let head = head(lastSeq: 0)
        let json = try JSONParser.parse(Array(document(JSONTranscript(), head, []).utf8)).value
        #expect(json["messages"] == .array([]) && json["summary"] == .null && json["number"].integer == 1042)
    }

    // MARK: CSV

    /// Reads a table strictly as RFC 4180 has it: CR LF ends each row, and a quote within quotes stands twice.
    private func rows(_ table: String) throws -> [[String]] {
        var (rows, row, cell) = ([[String]](), [String](), [UInt8]())
        var rest = table.utf8[...]
        func end() {
            row.append(String(decoding: cell, as: UTF8.self))
            cell = []
        }
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "\""):
                try #require(cell.isEmpty, "a quote within a bare cell")
                while let inner = rest.popFirst() {
                    if inner != UInt8(ascii: "\"") {
                        cell.append(inner)
                    } else if rest.first == UInt8(ascii: "\"") {
                        rest.removeFirst()
                        cell.append(inner)
                    } else {
                        break
                    }
                }
                try #require([UInt8(ascii: ","), UInt8(ascii: "\r")].contains(rest.first), "text behind a quote")
            case UInt8(ascii: ","): end()
            case UInt8(ascii: "\r"):
                try #require(rest.popFirst() == UInt8(ascii: "\n"), "a bare CR")
                end()
                rows.append(row)
                row = []
            case UInt8(ascii: "\n"): _ = try #require(nil as Int?, "a bare LF")
            default: cell.append(byte)
            }
        }
        try #require(row.isEmpty && cell.isEmpty, "the last row has no end")
        return rows
    }

    private static let names = [
        "seq", "id", "createdAt", "kind", "senderId", "senderName", "senderRole", "content", "clientMessageId",
    ]

    @Test("As CSV it is a row of names and one for each message")
    func csv() throws {
        var messages = Self.contents.enumerated().map { message($0.offset + 1, $0.element) }
        messages[0].clientMessageID = .make()
        messages.append(message(messages.count + 1, "Agreed", by: admin, kind: .summary))
        let table = document(CSVTranscript(hasMark: false), head(lastSeq: messages.count), messages)
        let rows = try rows(table)
        #expect(rows.first == Self.names)
        try #require(rows.count == messages.count + 1)
        for (row, message) in zip(rows.dropFirst(), messages) {
            let content = message.content == "=1+1" ? "'=1+1" : message.content
            let expected = [
                "\(message.seq)", "\(message.id)", "\(message.createdAt)", message.kind.rawValue,
                "\(message.sender.id)", message.sender.name, message.sender.role.rawValue, content,
                message.clientMessageID?.description ?? "",
            ]
            #expect(row.elementsEqual(expected) { $0.isExactly($1) }, "\(message.content)")
        }
    }

    @Test(
        "A cell that a spreadsheet would take for a formula has an apostrophe before it, and no other cell has one",
        arguments: [
            ("=1+1", true), ("+1", true), ("-1", true), ("@SUM(A1)", true), ("\t=1", true), ("\r=1", true), ("=", true),
            // With a combining mark it is no other sign to a spreadsheet.
            ("=\u{301}1", true), ("-\u{20E3}", true), ("\r\n=1", true), ("=\"a\",\r\n-b", true),
            ("1=1", false), (" =1", false), ("'=1", false), ("\n=1", false), ("a\n=1", false), ("", false),
            ("\u{FF1D}1", false), ("\"=1\"", false),
        ])
    func formulas(content: String, isMarked: Bool) throws {
        let sender = Participant(id: .make(), name: content, role: .regular)
        let row = try #require(
            try rows(document(CSVTranscript(hasMark: false), head(lastSeq: 1), [message(1, content, by: sender)])).last)
        let expected = (isMarked ? "'" : "") + content
        #expect(row[7].isExactly(expected) && row[5].isExactly(expected))
        #expect(row[0] == "1" && row.count == 9)
    }

    @Test("A CSV begins with a byte order mark only when one is wanted, and an empty room is a row of names")
    func mark() {
        let names = Self.names.joined(separator: ",") + "\r\n"
        for (hasMark, expected) in [(false, names), (true, "\u{FEFF}" + names)] {
            var bytes: [UInt8] = []
            let renderer = TranscriptForm.csv.renderer(hasMark: hasMark)
            renderer.begin(head(lastSeq: 0), &bytes)
            renderer.end(head(lastSeq: 0), &bytes)
            #expect(bytes == Array(expected.utf8))
        }
        for form in [TranscriptForm.text, .json] {
            var bytes: [UInt8] = []
            form.renderer(hasMark: true).begin(head(lastSeq: 0), &bytes)
            #expect(bytes.first != 0xEF)
        }
    }

    // MARK: Text

    @Test("As text it has a head and a line for each message")
    func text() {
        let head = head(lastSeq: 2, summary: "Agreed\nas written")
        let messages = [message(1, "Hello\nworld"), message(2, "Agreed\nas written", by: admin, kind: .summary)]
        #expect(
            document(TextTranscript(), head, messages) == """
                Transcript of order 1042
                Order id: \(head.orderID)
                Owner: Olga Owner
                Opened: 2023-11-14T22:13:20.000Z
                Closed: 2023-11-14T22:13:20.000Z by Adam Admin (Admin)
                Summary: Agreed
                    as written
                Messages: 2

                [2023-11-14T22:13:20.001Z] Olga Owner (Regular): Hello
                    world
                [2023-11-14T22:13:20.002Z] Adam Admin (Admin) closed the room: Agreed
                    as written

                End of the transcript

                """)
    }

    @Test("As text an empty room has a head and an end")
    func emptyText() {
        let text = document(TextTranscript(), head(lastSeq: 0), [])
        #expect(text.hasSuffix("Still open\nMessages: 0\n\nEnd of the transcript\n"))
    }

    @Test("No text of anybody's begins a line that is ours, whatever ends its lines", .seeded)
    func forging() {
        var generator = SeededGenerator()
        let forged = "[2023-11-14T22:13:20.002Z] Adam Admin (Admin): I agree"
        let ends = [
            "\n", "\r", "\r\n", "\n\r", "\r\r\n", "\n\u{301}", "\u{B}", "\u{C}", "\u{85}", "\u{2028}", "\u{2029}",
        ]
        for _ in 0..<300 {
            let end = (0...2).map { _ in ends.randomElement(using: &generator) ?? "" }.joined()
            let content = "Hello\(end)\(forged)\(end)End of the transcript"
            let sender = Participant(id: .make(), name: "A\(end)Closed: never", role: .regular)
            let head = head(lastSeq: 1, summary: content, owner: sender.name)
            let text = document(TextTranscript(), head, [message(1, content, by: sender)])
            // As whoever shows it may see lines.
            let lines = text.unicodeScalars.split(omittingEmptySubsequences: false) {
                ("\n"..."\r").contains($0) || ["\u{85}", "\u{2028}", "\u{2029}"].contains($0)
            }.map(String.init)
            let own = lines.filter { !$0.isEmpty && !$0.utf8.starts(with: "    ".utf8) }
            #expect(own.count == 9, "\(text.debugDescription)")
            #expect(own.filter { $0.hasPrefix("[") }.count == 1)
            #expect(own.filter { $0.hasPrefix("Closed: ") }.count == 1)
            #expect(own.filter { $0 == "End of the transcript" }.count == 1)
        }
    }

    @Test(
        "Characters that a terminal obeys, or that turn the direction of text, are shown by their numbers",
        arguments: [
            ("\u{1B}[2J", "<U+001B>[2J"), ("\u{0}", "<U+0000>"), ("\u{8}\u{7F}", "<U+0008><U+007F>"),
            ("\u{9B}31m", "<U+009B>31m"), ("\u{202E}live", "<U+202E>live"), ("\u{2067}a\u{2069}", "<U+2067>a<U+2069>"),
            // What people write stays as it is.
            ("a\tb", "a\tb"), ("שלום\u{200F} עולם", "שלום\u{200F} עולם"), ("👩‍👩‍👧 🇩🇪", "👩‍👩‍👧 🇩🇪"),
            ("é e\u{301}", "é e\u{301}"),
            ("\u{A0}\u{FEFF}", "\u{A0}\u{FEFF}"),
        ])
    func controls(content: String, shown: String) throws {
        let text = document(TextTranscript(), head(lastSeq: 1), [message(1, content)])
        #expect(text.utf8.split(separator: 0x0A).contains { $0.elementsEqual("\(prefix(1))\(shown)".utf8) }, "\(text)")
    }

    private func prefix(_ seq: Int) -> String {
        "[\(Timestamp(milliseconds: begun.milliseconds + Int64(seq)))] Olga Owner (Regular): "
    }

    @Test("A message of 4,000 characters is there in full")
    func long() {
        let content = String(repeating: "𝄞", count: 4000)
        #expect(document(TextTranscript(), head(lastSeq: 1), [message(1, content)]).contains("Regular): \(content)\n"))
    }

    @Test("The name under which it is saved is the order's number and the form's")
    func fileNames() {
        let names = TranscriptForm.allCases.map { $0.fileName(number: 1042) }
        #expect(names == ["order-1042-transcript.txt", "order-1042-transcript.json", "order-1042-transcript.csv"])
    }

    // MARK: Pages

    @Test("A page goes on where the one before ended, up to the end and no farther")
    func place() throws {
        var place = TranscriptPlace(end: 5)
        try place.take([message(1, "a"), message(2, "b")])
        #expect(place.seq == 2 && !place.isAtEnd)
        for wrong in [[], [message(4, "d")], [message(2, "b")], [message(3, "c"), message(5, "e")]] {
            var copy = place
            #expect(throws: ServiceError.internal) { try copy.take(wrong) }
        }
        try place.take([message(3, "c"), message(4, "d"), message(5, "e")])
        #expect(place.isAtEnd)
        #expect(throws: ServiceError.internal) { try place.take([message(6, "f")]) }
        var empty = TranscriptPlace(end: 0)
        #expect(empty.isAtEnd)
        try empty.take([])
    }
}
