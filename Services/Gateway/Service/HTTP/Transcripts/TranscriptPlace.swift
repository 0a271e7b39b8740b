import Contracts
import Messaging

/// How far a transcript has come: what the next page must begin with, and where the last one ends.
struct TranscriptPlace: Sendable, Equatable {
    /// The last `seq` that was taken; 0 before the first.
    private(set) var seq = 0
    /// The room's last one when the transcript began: what is said later is not in it.
    let end: Int

    init(end: Int) { self.end = end }

    var isAtEnd: Bool { seq >= end }

    /// Goes on by a page.
    /// - Throws: `internal` when it is not the next one. A room has no gaps, so one in its pages means that the
    ///   database has lost messages on the way: what was read before it and what is there now are no transcript.
    mutating func take(_ messages: [Message]) throws(ServiceError) {
        guard isAtEnd || !messages.isEmpty else { throw .internal }
        for message in messages {
            guard message.seq == seq + 1, message.seq <= end else { throw .internal }
            seq = message.seq
        }
    }
}
