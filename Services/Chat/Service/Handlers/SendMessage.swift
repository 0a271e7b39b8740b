import Contracts
import Messaging
import Postgres
import Primitives

/// `chat.send`: adds a message to a room. Messages sent at the same moment are committed together.
struct SendMessage: Sendable {
    private let finder: RoomFinder
    /// Rooms are spread over these by their id: those of one room go one batch after another, so that they are told in
    /// their order.
    private let commits: [Batcher<NewMessage, SentMessage>]

    init(finder: RoomFinder, live: LiveRooms) {
        self.finder = finder
        let database = finder.store.database
        commits = (0..<2).map { _ in
            Batcher(
                batchLimit: 128, key: \.orderID,
                settle: { messages, unknown in
                    try await database.awaitEnd(of: unknown)
                    let stored = try await finder.store.stored(messages.map(\.id))
                    for message in stored { live.tell(message, encoded: JSONWriter.encode(message)) }
                    let found = Dictionary(uniqueKeysWithValues: stored.map { ($0.id, $0) })
                    // Those that are not there were repeats or refused, or none was stored: their clients ask again.
                    return messages.map { message in
                        found[message.id].map { .success(.stored($0, encoded: JSONWriter.encode($0))) }
                            ?? .failure(unknown)
                    }
                },
                run: { messages in
                    let results = try await database.withTransaction(waitsForLocks: false) { session in
                        try ChatStore.send(messages, session)
                    }
                    for case .stored(let message, let encoded) in results { live.tell(message, encoded: encoded) }
                    return results.map { .success($0) }
                })
        }
    }

    func handle(_ request: Chat.Send, _ context: RequestContext) async throws -> Answer<Message> {
        let caller = try context.requireCaller()
        let message = NewMessage(
            id: .make(), orderID: request.orderId, sender: caller, draft: try MessageDraft(body: request.body))
        let commit = commits[Int(request.orderId.low % UInt64(commits.count))]
        var result = try await commit.submit(message, deadline: context.deadline)
        if case .noRoom = result {
            try await finder.make(request.orderId, context)
            result = try await commit.submit(message, deadline: context.deadline)
        }
        switch result {
        case .stored(_, let encoded): return Answer(encoded: encoded, metadata: AnswerMetadata(isCreated: true))
        case .repeated(let first): return Answer(first)
        case .refused(let error): throw error
        case .noRoom: throw ServiceError.notFound("room")
        }
    }
}
