package import Primitives

/// What a handler answers: the reply, encoded once, and what an HTTP client is told in headers.
package struct Answer<Reply: JSONCodable & Sendable>: Sendable {
    /// The reply as JSON.
    package var body: [UInt8]
    package var metadata: AnswerMetadata

    /// Encodes the reply, here and only here: on its way to a client it is passed on as bytes.
    package init(_ reply: Reply, metadata: AnswerMetadata = AnswerMetadata()) {
        self.init(encoded: JSONWriter.encode(reply), metadata: metadata)
    }

    /// A reply that is encoded already, such as the stored first answer of a repeated request.
    package init(encoded body: [UInt8], metadata: AnswerMetadata = AnswerMetadata()) {
        self.body = body
        self.metadata = metadata
    }
}

extension Answer where Reply == Nothing {
    /// The answer of an operation that has nothing to say: `{}`.
    package static var nothing: Answer<Nothing> { Answer(Nothing()) }
}

/// Facts about an answer that stand beside its body.
package struct AnswerMetadata: Sendable, Equatable {
    /// Something new was made: 201 instead of 200 where a route distinguishes them.
    package var isCreated: Bool
    /// The version for the `ETag`.
    package var version: Int?
    /// What was made, for `Location`.
    package var id: Identifier?
    /// This is the stored answer of an earlier request with the same `Idempotency-Key`.
    package var isReplayed: Bool

    /// What is left out says nothing: 200, without further headers.
    package init(isCreated: Bool = false, version: Int? = nil, id: Identifier? = nil, isReplayed: Bool = false) {
        self.isCreated = isCreated
        self.version = version
        self.id = id
        self.isReplayed = isReplayed
    }
}

extension AnswerMetadata {
    /// How the facts are named in the envelope's headers.
    enum HeaderName {
        static let created = "created"
        static let version = "version"
        static let id = "id"
        static let replayed = "replayed"
        /// Present when the payload is a `ServiceError`.
        static let error = "error"
    }

    var headers: [Envelope.Header] {
        var headers: [Envelope.Header] = []
        if isCreated { headers.append(Envelope.Header(HeaderName.created, "1")) }
        if let version { headers.append(Envelope.Header(HeaderName.version, String(version))) }
        if let id { headers.append(Envelope.Header(HeaderName.id, id.description)) }
        if isReplayed { headers.append(Envelope.Header(HeaderName.replayed, "1")) }
        return headers
    }

    init(headers: [Envelope.Header]) {
        self.init()
        for header in headers {
            switch header.name {
            case HeaderName.created: isCreated = true
            case HeaderName.version: version = Int(header.value)
            case HeaderName.id: id = Identifier(header.value)
            case HeaderName.replayed: isReplayed = true
            default: break
            }
        }
    }
}

extension Envelope {
    /// The answer that tells of `error`.
    package init(error: ServiceError) {
        self.init(headers: [Header(AnswerMetadata.HeaderName.error, "1")], payload: JSONWriter.encode(error))
    }
}
