import DequeModule

/// Messages that a socket has sent and that have not been worked on yet. A value: whoever keeps it does what it says.
///
/// Bounded in number and in bytes by pausing reading, so that what a client sends too fast stays with it.
struct SocketInbox {
    /// What becomes of reading from the client.
    enum Reading: Equatable {
        case pause
        case resume
    }

    /// Messages at which reading pauses.
    static let messageLimit = 32
    /// Bytes at which reading pauses; what one turn of the event loop has read by then still comes in.
    static let byteLimit = 256 * 1024

    private var messages: Deque<SocketMessage> = []
    private var byteCount = 0
    private var isWorking = false
    private(set) var isPaused = false
    private var isClosed = false

    /// Whether there is nothing to work on, and nothing in work.
    var isIdle: Bool { !isWorking }

    private var isFull: Bool { messages.count >= Self.messageLimit || byteCount >= Self.byteLimit }
    private var isLow: Bool { messages.count <= Self.messageLimit / 4 && byteCount <= Self.byteLimit / 4 }

    /// Takes a message that was read.
    /// - Returns: whether a worker must be called, which one is until `rest` has said that it may go.
    mutating func take(_ message: SocketMessage) -> (mustWork: Bool, reading: Reading?) {
        guard !isClosed else { return (false, nil) }
        messages.append(message)
        byteCount += message.count
        let mustPause = isFull && !isPaused
        if mustPause { isPaused = true }
        defer { isWorking = true }
        return (!isWorking, mustPause ? .pause : nil)
    }

    /// The next message to work on; `nil` when there is none.
    mutating func next() -> (message: SocketMessage?, reading: Reading?) {
        guard let message = messages.popFirst() else { return (nil, nil) }
        byteCount -= message.count
        let mustResume = isPaused && isLow
        if mustResume { isPaused = false }
        return (message, mustResume ? .resume : nil)
    }

    /// Ends the work until more comes, unless there is more already.
    /// - Returns: whether the worker may go.
    mutating func rest() -> Bool {
        guard messages.isEmpty else { return false }
        isWorking = false
        // An idle socket keeps no storage for what it once sent.
        messages = []
        return true
    }

    /// Forgets what has not been worked on and takes nothing more.
    /// - Returns: `.resume` where reading was paused: that the client leaves must be seen.
    mutating func close() -> Reading? {
        isClosed = true
        messages = []
        byteCount = 0
        defer { isPaused = false }
        return isPaused ? .resume : nil
    }
}
