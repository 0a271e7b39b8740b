import Contracts
import Logging
import Messaging
import Primitives
import SocketServer
import Threads

/// The pages of one transcript behind its first, asked from chat one after another in its reader's name.
struct TranscriptPages: Sendable {
    /// How often a page is asked for. With the waits between, a chat that is started anew is there again.
    private static let attempts = 6

    let bus: MessageBus
    /// Pages that this gateway asks for at once, of all transcripts: however many are read, chat has time for others.
    let slots: WorkSlots
    let revocations: Revocations
    let logger: Logger
    let caller: Caller
    let context: CallContext

    /// The page behind `place`, which moves on to its end.
    /// - Throws: when it cannot be had: the transcript cannot go on.
    func next(of orderID: Identifier, _ place: inout TranscriptPlace) async throws -> [Message] {
        let request = Chat.Transcript(orderID: orderID, after: place.seq, upTo: place.end)
        var attempt = 1
        while true {
            do throws(ServiceError) {
                let messages = try await page(request)
                try place.take(messages)
                return messages
            } catch {
                let isWorthAnother = error.code == .serviceUnavailable || error.code == .upstreamTimeout
                guard isWorthAnother, attempt < Self.attempts else {
                    logger.warning(
                        "transcript cut off",
                        metadata: [
                            "request.id": "\(context.requestID)", "order.id": "\(orderID)",
                            "error": "\(error.code.rawValue)",
                        ])
                    throw error
                }
            }
            // 0.2 s at first, 3.2 s at last.
            try await Pause.sleep(for: .milliseconds(100 << attempt))
            attempt += 1
        }
    }

    /// Chat looks at whether the caller may still read the room, and this gateway at whether the session stands. That
    /// the access token expires while a long transcript is read ends nothing.
    private func page(_ request: Chat.Transcript) async throws(ServiceError) -> [Message] {
        await slots.take()
        defer { slots.release() }
        try revocations.require(caller)
        return try await bus.call(request, context: context).messages
    }
}
