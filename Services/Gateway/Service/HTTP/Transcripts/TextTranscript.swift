import Contracts
import Messaging
import Primitives

/// A transcript for people: some lines about the room, an empty one, and a paragraph for each message.
///
/// What begins at the margin is ours: lines of a text but its first are indented, so that no message can look like
/// another's, or like the end.
struct TextTranscript: TranscriptRenderer {
    private static let indent = "    "

    func begin(_ head: TranscriptHead, _ bytes: inout [UInt8]) {
        bytes += "Transcript of order \(head.number)\n".utf8
        bytes += "Order id: \(head.orderID)\n".utf8
        bytes += "Owner: ".utf8
        Self.write(head.owner.name, to: &bytes)
        bytes += "\nOpened: \(head.createdAt)\n".utf8
        if let closedAt = head.closedAt {
            bytes += "Closed: \(closedAt)".utf8
            if let closer = head.closedBy {
                bytes += " by ".utf8
                Self.write(closer, to: &bytes)
            }
            bytes += "\nSummary: ".utf8
            Self.write(head.summary ?? "", to: &bytes)
            bytes += "\n".utf8
        } else {
            bytes += "Still open\n".utf8
        }
        bytes += "Messages: \(head.lastSeq)\n\n".utf8
    }

    func add(_ message: Message, _ bytes: inout [UInt8]) {
        bytes += "[\(message.createdAt)] ".utf8
        Self.write(message.sender, to: &bytes)
        bytes += (message.kind == .summary ? " closed the room: " : ": ").utf8
        Self.write(message.content, to: &bytes)
        bytes += "\n".utf8
    }

    func end(_ head: TranscriptHead, _ bytes: inout [UInt8]) {
        bytes += "\(head.lastSeq == 0 ? "" : "\n")End of the transcript\n".utf8
    }

    private static func write(_ person: Participant, to bytes: inout [UInt8]) {
        write(person.name, to: &bytes)
        bytes += " (\(person.role.rawValue))".utf8
    }

    /// A text of somebody's. Whatever ends a line in it begins an indented one (Unicode §5.8); characters that a
    /// terminal would obey, or that turn the direction of what stands beside them, are shown by their numbers.
    private static func write(_ text: String, to bytes: inout [UInt8]) {
        var previous: Unicode.Scalar?
        for scalar in text.unicodeScalars {
            switch scalar.value {
            case 0x0A where previous == "\r": break
            case 0x0A, 0x0B, 0x0C, 0x0D, 0x85, 0x2028, 0x2029: bytes += "\n\(indent)".utf8
            case 0x09: bytes.append(0x09)
            case 0x00..<0x20, 0x7F..<0xA0, 0x202A...0x202E, 0x2066...0x2069:
                let digits = String(scalar.value, radix: 16, uppercase: true)
                bytes += "<U+\(String(repeating: "0", count: 4 - digits.utf8.count))\(digits)>".utf8
            default: bytes += UTF8.encode(scalar) ?? Unicode.UTF8.encodedReplacementCharacter
            }
            previous = scalar
        }
    }
}
