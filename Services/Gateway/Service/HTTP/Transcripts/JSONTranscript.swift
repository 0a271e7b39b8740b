import Contracts
import Primitives

/// A transcript as one JSON object: the room's facts, and `messages` as the route for them shows each.
struct JSONTranscript: TranscriptRenderer {
    func begin(_ head: TranscriptHead, _ bytes: inout [UInt8]) {
        var writer = JSONWriter()
        writer.beginObject()
        head.writeMembers(to: &writer)
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

extension JSONTranscript: Described {
    static var schema: Schema {
        guard case .object(var object) = TranscriptHead.schema else { return .map }
        object.name = "Transcript"
        object.about = "A whole conversation."
        object.example = nil
        object.members.append(
            ObjectSchema.Member(
                "messages", .list(Message.schema), about: "All of them, ascending by `seq`.", isRequired: true))
        return .object(object)
    }
}
