import Contracts
import Messaging
import Persistence
import Postgres
import Primitives

/// Stores messages: those sent at the same moment are committed together.
struct MessageCommits: Sendable {
    /// Rooms are spread over these by their id: those of one room go one batch after another, so that they are told in
    /// their order.
    private let lanes: [Batcher<NewMessage, SentMessage>]

    /// - Parameter committed: gets every stored message, encoded once, before the next batch with its room begins.
    init(store: ChatStore, committed: @escaping @Sendable (Message, _ encoded: [UInt8]) -> Void) {
        let database = store.database
        lanes = (0..<2).map { _ in
            Batcher(
                batchLimit: 128, key: \.orderID,
                settle: { messages, unknown in
                    try await database.awaitEnd(of: unknown)
                    let stored = try await store.stored(messages.map(\.id))
                    for message in stored { committed(message, JSONWriter.encode(message)) }
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
                    for case .stored(let message, let encoded) in results { committed(message, encoded) }
                    return results.map { .success($0) }
                })
        }
    }

    func submit(_ message: NewMessage, for context: CallContext) async throws -> SentMessage {
        try await lanes[Int(message.orderID.low % UInt64(lanes.count))].submit(message, for: context)
    }
}
