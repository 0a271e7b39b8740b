/// Where a follower stands in the stream, and what a look at the stream means for it. Decides only.
///
/// The stream can change behind a follower's back while it is away: made anew after the server lost its disk, rolled
/// back because the server lost what it had not written, or trimmed past the position. The last event seen is the
/// anchor: after an interruption the follower reads from that position again, and when the event there is not the one
/// it saw, it has missed something.
struct FollowPosition: Equatable {
    /// The stream's time of creation; `nil` before the first look.
    private var created: String?
    /// The last position seen or passed over.
    private(set) var sequence: UInt64 = 0
    /// The identity of the event at `sequence`, as far as it is known.
    private var anchor: String?

    /// What a look at the stream has shown.
    enum Start: Equatable {
        /// The first look: nothing has been missed, because nothing was asked for.
        case ready
        case resumed
        case gap
    }

    /// Where to read from after a look at the stream, and whether something has been missed.
    mutating func look(_ stream: StreamState) -> Start {
        defer { created = stream.created }
        guard let created else {
            sequence = stream.lastSequence
            return .ready
        }
        if created != stream.created || stream.firstSequence > sequence + 1 {
            // All that is there is news.
            sequence = max(stream.firstSequence, 1) - 1
            anchor = nil
            return .gap
        }
        if stream.lastSequence < sequence {
            sequence = stream.lastSequence
            anchor = nil
            return .gap
        }
        return .resumed
    }

    /// Goes to the end of the stream without reading what is before it.
    mutating func skip(to stream: StreamState) {
        sequence = stream.lastSequence
        anchor = nil
    }

    /// The position to read from after a doubt: the anchor's own, if there is one.
    var startSequence: UInt64 { max(1, sequence) }

    /// What an event is to the follower.
    enum Step: Equatable {
        /// Seen before.
        case skip
        case deliver
        /// Something has been missed; deliver after saying so.
        case gapThenDeliver
    }

    /// What to do with an event. Positions come in ascending order.
    mutating func step(_ position: UInt64, id: String) -> Step {
        if position < sequence { return .skip }
        if position == sequence {
            defer { anchor = id }
            // Without an anchor this is the event that was the last when the follower came.
            return anchor == nil || anchor == id ? .skip : .gapThenDeliver
        }
        defer {
            sequence = position
            anchor = id
        }
        return position == sequence + 1 ? .deliver : .gapThenDeliver
    }
}
