import Contracts
import Messaging

/// `chat.transcript`: a page of a room's whole conversation. Every page is for the caller: who may not read the room
/// any more gets no further one.
struct ReadTranscript: Sendable {
    private static let numbers = 0...Int(Int32.max)

    let finder: RoomFinder

    func handle(_ request: Chat.Transcript, _ context: CallContext) async throws -> Answer<TranscriptPage> {
        let caller = try context.requireCaller()
        for (name, seq) in [("after", request.after), ("upTo", request.upTo)] {
            guard seq.map(Self.numbers.contains) ?? true else {
                throw ServiceError.validation(name, "range", "must be a message's number")
            }
        }
        let room = try await finder.room(request.orderID, for: caller, context)
        // By the facts just read: what is sent from now on is in no page.
        let window = TranscriptWindow(after: request.after ?? 0, upTo: request.upTo ?? room.lastSeq)
        let messages = try await finder.store.transcript(request.orderID, window)
        guard request.after == nil else { return Answer(TranscriptPage(messages: messages)) }
        guard let number = try await finder.store.orderNumber(of: request.orderID) else {
            throw ServiceError.notFound("room")
        }
        return Answer(TranscriptPage(head: TranscriptHead(of: room, number: number), messages: messages))
    }
}
