import Messaging
import Primitives

/// What chat answered to a join, as far as the gateway must know it; the bytes are passed on as they came.
struct JoinAnswer {
    let body: [UInt8]
    let messages: [JSON]
    /// The room's last message when it was answered.
    let roomHead: Int
    let isOpen: Bool
    /// By which the messages that the answer names are told from others under their numbers.
    let marks: [Int: MessageMarks.Mark]
    private let hasMore: Bool

    /// - Throws: `internal` for what is no such answer.
    init(_ body: [UInt8]) throws(ServiceError) {
        guard let parsed = try? JSONParser.parse(body).value, let roomHead = parsed["room"]["lastSeq"].integer,
            case .array(let messages) = parsed["messages"]
        else { throw .internal }
        self.body = body
        self.messages = messages
        self.roomHead = roomHead
        isOpen = parsed["room"]["isOpen"].bool ?? true
        hasMore = parsed["hasMore"].bool ?? false
        var marks: [Int: MessageMarks.Mark] = [:]
        // The last of the room, and the last that the answer holds, which may be a newer one.
        for message in [parsed["room"]["lastMessage"], messages.last ?? .null] {
            guard let seq = message["seq"].integer, let id = message["id"].string.flatMap({ Identifier($0) }) else {
                continue
            }
            marks[seq] = id.low
        }
        self.marks = marks
    }

    /// The last message that a client has which asked for those after `after`.
    func cursor(after: Int?) -> Int {
        let last = messages.last?["seq"].integer
        return after.map { last ?? min($0, roomHead) } ?? max(last ?? 0, hasMore ? 0 : roomHead)
    }
}
