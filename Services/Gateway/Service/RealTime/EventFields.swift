import Contracts
import Messaging
import Primitives

/// The fields of sockets' events that the gateway reads itself; what else an event has is the owning service's.
enum RoomFields {
    static let order = InputField.identifier("orderId", "The order whose room it is.", example: Examples.order)
}

/// Of `authenticate`.
struct AuthenticateFields: InputFields {
    static let fields = AuthenticateFields()
    static let about = "Who the socket is."

    let token = InputField.text(
        "token", 1...8192, "An access token.", example: SessionAnswer.example.accessToken)
}

/// Of `joinRoom`.
struct JoinFields: InputFields {
    static let fields = JoinFields()
    static let about = "Which room, and where in it to begin."

    let order = RoomFields.order
    let after = InputField.seq("after", "The last `seq` that you have; without it you get the newest messages.")
        .optional
    let limit = InputField.limit(standard: 50).optional
}

/// Of `leaveRoom`.
struct LeaveFields: InputFields {
    static let about = "Which room."

    let order = RoomFields.order
}

/// Of `typing`.
struct TypingFields: InputFields {
    static let fields = TypingFields()
    static let about = "Whether you are typing."

    let order = RoomFields.order
    let isTyping = InputField.boolean(
        "isTyping", "`true` with the keystrokes, `false` at their end; it ends by itself after 6 seconds.",
        example: true)
}
