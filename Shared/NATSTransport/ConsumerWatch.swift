import Primitives

/// How far a durable consumer has come, as the server tells it.
struct ConsumerState: Sendable, Equatable {
    /// The last position handed to anybody.
    var delivered: UInt64
    /// The last position up to which everything is acknowledged.
    var acknowledged: UInt64
    /// Events that match and were not handed out yet.
    var pending: Int
    /// Events handed out and not acknowledged.
    var outstanding: Int

    init(delivered: UInt64, acknowledged: UInt64, pending: Int, outstanding: Int) {
        self.delivered = delivered
        self.acknowledged = acknowledged
        self.pending = pending
        self.outstanding = outstanding
    }

    init?(info: JSON) {
        guard let delivered = info["delivered"]["stream_seq"].integer,
            let acknowledged = info["ack_floor"]["stream_seq"].integer, let pending = info["num_pending"].integer,
            let outstanding = info["num_ack_pending"].integer, delivered >= 0, acknowledged >= 0
        else { return nil }
        self.init(
            delivered: UInt64(delivered), acknowledged: UInt64(acknowledged), pending: pending,
            outstanding: outstanding)
    }
}

/// Finds out from looks at the stream and a durable consumer whether the stream has dropped events that the consumer
/// had not finished. Decides only.
///
/// A consumer's positions count the events that match its filter, so they stay behind while only others come: what is
/// certain is that at a look with nothing pending everything up to the stream's end had been finished.
struct ConsumerWatch {
    private var created: String?
    /// Up to here nothing can be missed any more.
    private var finished: UInt64 = 0

    /// - Parameters:
    ///   - stream: looked at first, so that what it holds may have been told to the consumer.
    ///   - consumer: looked at afterwards.
    /// - Returns: whether events may have been missed since the last look; at the first one, ever.
    mutating func look(_ stream: StreamState, _ consumer: ConsumerState) -> Bool {
        let isNew = created.map { $0 != stream.created }
        let through: UInt64 =
            if consumer.outstanding > 0 {
                consumer.acknowledged
            } else if consumer.pending == 0 {
                max(consumer.delivered, stream.lastSequence)
            } else {
                consumer.delivered
            }
        // What the consumer has acknowledged by now says nothing of what was dropped before it came to that.
        let certain = isNew == false ? finished : consumer.delivered
        let isTrimmed = stream.firstSequence > certain + 1
        created = stream.created
        finished = max(isNew == false ? finished : 0, min(through, stream.lastSequence))
        if isTrimmed { finished = max(finished, stream.firstSequence - 1) }
        return isNew ?? false || isTrimmed
    }
}
