import Contracts
package import Messaging
package import Primitives

/// What a client wants to say in a room.
package struct MessageDraft: Sendable, Equatable {
    package var content: String
    package var clientMessageID: Identifier?

    /// - Throws: `malformed-json`, or `validation-failed` with every fault.
    package init(body: [UInt8]) throws(ServiceError) {
        var input = try InputReader(body: body)
        content = input.text(Chat.Send.input.content)
        clientMessageID = input.optionalIdentifier(Chat.Send.input.clientMessageID)
        try input.finish()
    }
}

/// With what an Admin closes a room.
package struct ClosingSummary: Sendable, Equatable {
    package var summary: String

    /// - Throws: `malformed-json`, or `validation-failed` with every fault.
    package init(body: [UInt8]) throws(ServiceError) {
        var input = try InputReader(body: body)
        summary = input.text(Chat.Close.input.summary)
        try input.finish()
    }
}

/// How far a user has read.
package struct ReadMark: Sendable, Equatable {
    package var seq: Int

    /// - Throws: `malformed-json`, or `validation-failed` with every fault.
    package init(body: [UInt8]) throws(ServiceError) {
        var input = try InputReader(body: body)
        seq = input.integer(Chat.MarkRead.input.seq)
        try input.finish()
    }
}
