import Contracts
import Messaging
import Primitives

/// A transcript as a table of its messages (RFC 4180): a row of names, then one for each message, every row ended by CR
/// LF.
struct CSVTranscript: TranscriptRenderer {
    private static let names = [
        "seq", "id", "createdAt", "kind", "senderId", "senderName", "senderRole", "content", "clientMessageId",
    ]

    /// Whether a byte order mark comes first.
    var hasMark: Bool

    func begin(_ head: TranscriptHead, _ bytes: inout [UInt8]) {
        if hasMark { bytes += [0xEF, 0xBB, 0xBF] }
        bytes += "\(Self.names.joined(separator: ","))\r\n".utf8
    }

    func add(_ message: Message, _ bytes: inout [UInt8]) {
        // Of these none can hold a comma or a quote, nor begin as a formula does.
        bytes += "\(message.seq),\(message.id),\(message.createdAt),\(message.kind.rawValue),".utf8
        bytes += "\(message.sender.id),".utf8
        Self.write(message.sender.name, to: &bytes)
        bytes += ",\(message.sender.role.rawValue),".utf8
        Self.write(message.content, to: &bytes)
        bytes += ",\(message.clientMessageID?.description ?? "")\r\n".utf8
    }

    func end(_ head: TranscriptHead, _ bytes: inout [UInt8]) {}

    /// A text of somebody's, always within quotes. Where a spreadsheet would take it for a formula, an apostrophe
    /// stands before it.
    private static func write(_ text: String, to bytes: inout [UInt8]) {
        let quote = UInt8(ascii: "\"")
        bytes.append(quote)
        // By bytes: with a combining mark behind it a sign is another one to `Character`, but not to a spreadsheet.
        if let first = text.utf8.first, "=+-@\t\r".utf8.contains(first) { bytes.append(UInt8(ascii: "'")) }
        for byte in text.utf8 {
            if byte == quote { bytes.append(quote) }
            bytes.append(byte)
        }
        bytes.append(quote)
    }
}
