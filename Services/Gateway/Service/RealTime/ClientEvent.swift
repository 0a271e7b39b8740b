import Primitives

/// What a client sent, whichever door it came through.
struct ClientEvent: Sendable, Equatable {
    /// By which the client knows the acknowledgement; `nil` when it wants none.
    var ackID: Int?
    /// As the client wrote it; `known` is what it names.
    var name: String
    var data: JSON
    /// What is refused about `data`, with paths that begin within it.
    var defects: [JSONDefect]

    /// What clients may ask for.
    enum Name: String, CaseIterable {
        case authenticate, joinRoom, leaveRoom, sendMessage, closeRoom, markRead, typing
    }

    /// `nil` for a name that means nothing.
    var known: Name? { Name(rawValue: name) }
}

/// Why a frame is no event.
enum FrameFault: Error, Equatable {
    case malformed(String)
    /// It is JSON, but not a frame: the field and what is wrong with it.
    case invalid(field: String, code: String, message: String)
}
