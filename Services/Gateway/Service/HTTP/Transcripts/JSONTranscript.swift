import Contracts
import Primitives

/// A transcript as one JSON object: the room's facts, and `messages` as the route for them shows each.
struct JSONTranscript: TranscriptRenderer {
    func begin(_ head: TranscriptHead, _ bytes: inout [UInt8]) {
        var writer = JSONWriter()
        writer.beginObject()
        head.writeFields(to: &writer)
        writer.name("messages")
        writer.beginArray()
        bytes += writer.bytes
    }

    func add(_ message: Message, _ bytes: inout [UInt8]) {
        if message.seq > 1 { bytes.append(UInt8(ascii: ",")) }
        bytes += JSONWriter.encode(message)
    }

    func end(_ head: TranscriptHead, _ bytes: inout [UInt8]) { bytes += "]}".utf8 }
}
