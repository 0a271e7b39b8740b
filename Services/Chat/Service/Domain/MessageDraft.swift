package import Messaging
package import Primitives

/// What a client wants to say in a room.
package struct MessageDraft: Sendable, Equatable {
    package static let length = 1...4000

    package var content: String
    package var clientMessageID: Identifier?

    /// - Throws: `malformed-json`, or `validation-failed` with every fault.
    package init(body: [UInt8]) throws(ServiceError) {
        var input = try InputReader(body: body)
        content = input.text("content", Self.length)
        clientMessageID = input.optionalIdentifier("clientMessageId")
        try input.finish()
    }
}

/// With what an Admin closes a room.
package struct ClosingSummary: Sendable, Equatable {
    package var summary: String

    /// - Throws: `malformed-json`, or `validation-failed` with every fault.
    package init(body: [UInt8]) throws(ServiceError) {
        var input = try InputReader(body: body)
        summary = input.text("summary", MessageDraft.length)
        try input.finish()
    }
}

/// How far a user has read.
package struct ReadMark: Sendable, Equatable {
    package var seq: Int

    /// - Throws: `malformed-json`, or `validation-failed` with every fault.
    package init(body: [UInt8]) throws(ServiceError) {
        var input = try InputReader(body: body)
        seq = input.integer("seq", in: 0...Int(Int32.max))
        try input.finish()
    }
}
