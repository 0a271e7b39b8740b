import Contracts
import Messaging
import Primitives

/// `chat.send`: adds a message to a room.
struct SendMessage: Sendable {
    private let finder: RoomFinder
    private let commits: MessageCommits

    init(finder: RoomFinder, live: LiveRooms) {
        self.finder = finder
        commits = MessageCommits(store: finder.store) { live.tell($0, encoded: $1) }
    }

    func handle(_ request: Chat.Send, _ context: CallContext) async throws -> Answer<Message> {
        let caller = try context.requireCaller()
        let message = NewMessage(
            id: .make(), orderID: request.orderID, sender: caller, draft: try MessageDraft(body: request.body))
        var result = try await commits.submit(message, for: context)
        if case .noRoom = result {
            try await finder.make(request.orderID, context)
            result = try await commits.submit(message, for: context)
        }
        switch result {
        case .stored(_, let encoded): return Answer(encoded: encoded, metadata: AnswerMetadata(isCreated: true))
        case .repeated(let first): return Answer(first)
        case .refused(let error): throw error
        case .noRoom: throw ServiceError.notFound("room")
        }
    }
}
