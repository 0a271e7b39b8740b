/// Something asked over the connection and not answered yet.
struct Question {
    let event: String
    /// Nobody waits longer for an answer: then the connection is dropped.
    let deadline: ContinuousClock.Instant
    /// Called with the frame that answers.
    let answered: (Result<[UInt8], Problem>) -> Void
}

/// What every frame from the server has (RFC 8259 object in a text message).
struct FrameHead: Decodable {
    /// The `id` of the frame that this answers.
    var ack: Int?
    var event: String?
    /// Why what was asked is refused.
    var error: Problem?
}

/// A frame's data.
struct FrameBody<Content: Decodable>: Decodable { var data: Content }

/// A frame to the server.
struct FrameOut<Content: Encodable>: Encodable {
    var id: Int
    var event: String
    var data: Content
}

/// An answer that says nothing.
struct Nothing: Codable {}
