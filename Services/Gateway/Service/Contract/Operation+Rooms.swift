import Contracts
import Messaging
import Primitives

extension Operation {
    static let listRooms = Operation(
        id: "listRooms", summary: "List rooms, by latest activity", tag: .rooms, audience: .user,
        about: "One's own; for Admins all.", query: Chat.ListRooms.parameters.schema,
        answers: [.ok(Chat.ListRooms.Reply.self)])

    static let getRoom = Operation(
        id: "getRoom", summary: "Read a room", tag: .rooms, audience: .ownerOrAdmin,
        answers: [.ok(Chat.GetRoom.Reply.self)])

    static let listMessages = Operation(
        id: "listMessages", summary: "Read messages", tag: .rooms, audience: .ownerOrAdmin,
        about: "Ascending always: the newest ones, or the first behind `after`.",
        query: Chat.ListMessages.parameters.schema, answers: [.ok(Chat.ListMessages.Reply.self)])

    static let sendMessage = Operation(
        id: "sendMessage", summary: "Say something", tag: .rooms, audience: .ownerOrAdmin,
        body: Chat.Send.input.schema,
        answers: [
            .created(Chat.Send.Reply.self),
            Success(
                status: 200, about: "The message that was stored under this `clientMessageId` before.",
                content: .json(Chat.Send.Reply.schema)),
        ], problems: [.roomClosed])

    static let markRead = Operation(
        id: "markRead", summary: "Mark messages as read", tag: .rooms, audience: .ownerOrAdmin,
        about: "A mark never moves back, nor past the last message.", body: Chat.MarkRead.input.schema,
        answers: [.noContent])

    static let listReads = Operation(
        id: "listReads", summary: "Read how far others have read", tag: .rooms, audience: .ownerOrAdmin,
        about: "Of each user who has marked anything, the farthest first, at most 100; `messagesRead` goes on there.",
        answers: [.ok(Chat.ListReads.Reply.self)])

    static let closeRoom = Operation(
        id: "closeRoom", summary: "Close a room with a summary", tag: .rooms, audience: .admin,
        about: "For good. The order moves to `Processing` soon after.", fields: [.idempotencyKey],
        body: Chat.Close.input.schema, answers: [.ok(Chat.Close.Reply.self, .idempotencyReplayed)],
        problems: [.roomClosed, .idempotencyInProgress, .idempotencyKeyReused])

    static let transcript = Operation(
        id: "transcript", summary: "Save the whole conversation", tag: .rooms, audience: .ownerOrAdmin,
        about: "As a file, in the form that `Accept` asks for. It comes in pieces: one that is cut off is a part.",
        query: TranscriptFields.fields.schema, fields: [.accept],
        answers: [
            Success(
                status: 200, about: "The conversation.",
                content: .forms([
                    ("text/plain", .string()), ("application/json", JSONTranscript.schema), ("text/csv", .string()),
                ]), fields: [.disposition, .vary])
        ], problems: [.notAcceptable])
}

/// What the query of a transcript may have.
struct TranscriptFields: InputFields {
    static let fields = TranscriptFields()
    static let about = "How the file is to be."

    let hasMark = InputField.boolean(
        "bom", "In CSV, whether a byte order mark stands first, by which some spreadsheets know UTF-8.", example: true
    ).omittable
}
