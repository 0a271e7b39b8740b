import Logging
import Testing

@testable import Logs

struct LineLogHandlerTests {
    @Test(
        "A value with control characters cannot begin a line of its own",
        arguments: ["a\nb", "a\r\nb", "\u{1B}[2J", "a\u{0}", "a\u{7F}", "tab\there"])
    func controlCharacters(value: String) {
        let line = LineLogHandler.singleLine(value)
        #expect(line.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F })
    }

    @Test("Plain values stand as they are", arguments: ["", "a b", "Ann Ünal", "日本語", "a\"b"])
    func plain(value: String) {
        #expect(LineLogHandler.singleLine(value) == value)
    }

    @Test("A line has its time, level, label, message and data; the data of the entry stand above the logger's")
    func line() throws {
        let pipe = try Pipe()
        let writer = LineWriter()
        var logger = Logger(label: "orders") { label in
            LineLogHandler(label: label, level: .info, format: .text, writer: writer, descriptor: pipe.writeEnd)
        }
        logger[metadataKey: "order.id"] = "1"
        logger[metadataKey: "a"] = "b\nc"
        logger.debug("not written")
        logger.warning("order late", metadata: ["order.id": "2"])
        #expect(writer.flush(within: .seconds(10)))
        let words = pipe.read().split(separator: " ", maxSplits: 1)
        #expect(words.first?.count == 24)
        #expect(words.last.map(String.init) == #"warning orders: order late a="b\nc" order.id=2"# + "\n")
    }

    @Test("A line of JSON is one object")
    func json() throws {
        let pipe = try Pipe()
        let writer = LineWriter()
        let logger = Logger(label: "orders") { label in
            LineLogHandler(label: label, level: .info, format: .json, writer: writer, descriptor: pipe.writeEnd)
        }
        logger.error("order \"late\"", metadata: ["n": "1\n2"])
        #expect(writer.flush(within: .seconds(10)))
        let line = pipe.read()
        #expect(line.hasPrefix(#"{"time":"2"#))
        #expect(
            line.hasSuffix(
                #","level":"error","logger":"orders","message":"order \"late\"","n":"1\n2"}"# + "\n"))
    }
}
