package import Primitives

/// A page of a room's transcript.
package struct TranscriptPage: JSONCodable, Sendable, Equatable {
    /// Of the first page only.
    package var head: TranscriptHead?
    /// Ascending by `seq`, without gaps: at most 500, and fewer when they are large.
    package var messages: [Message]

    package init(head: TranscriptHead? = nil, messages: [Message]) {
        self.head = head
        self.messages = messages
    }

    package init(json: JSON) throws(JSONMismatch) {
        head = try json.get("head")
        messages = try json.get("messages")
    }

    package func write(to writer: inout JSONWriter) {
        writer.object {
            $0.fieldIfPresent("head", head)
            $0.field("messages", messages)
        }
    }
}
