package import Primitives

/// The one error that crosses a process boundary, and what a client is told.
///
/// It holds nothing internal: no SQL, no subject, no data of another user. Causes are logged where they happen.
package struct ServiceError: Error, Sendable, Equatable {
    /// What programs decide by, ours and the client's.
    package var code: ErrorCode
    /// A sentence for the client's developer.
    package var detail: String
    /// What is wrong with which field; only for `validation-failed`.
    package var faults: [FieldFault]
    /// Seconds after which trying again makes sense.
    package var retryAfter: Int?
    /// Further members of the problem, such as `allowed` of a refused transition.
    package var extra: [JSONMember]

    package init(
        _ code: ErrorCode, _ detail: String, faults: [FieldFault] = [], retryAfter: Int? = nil, extra: [JSONMember] = []
    ) {
        self.code = code
        self.detail = detail
        self.faults = faults
        self.retryAfter = retryAfter
        self.extra = extra
    }
}

/// One fault of one field of a request.
package struct FieldFault: Sendable, Equatable, JSONCodable {
    /// How many are listed in one answer.
    package static let limit = 32
    /// What may be wrong with a field.
    package static let codes = [
        "required", "null", "unknown", "duplicate", "type", "length", "range", "blank", "format", "characters", "size",
        "value", "too-common",
    ]

    /// Names joined with dots: `metadata.tags.0`.
    package var field: String
    /// One of `codes`.
    package var code: String
    package var message: String

    /// - Parameter field: of a name that is longer than any of ours only the beginning is told: 32 faults deep in an
    ///   object with a long name would be an answer many times as large as the request.
    package init(_ field: String, _ code: String, _ message: String) {
        self.field = Self.told(field)
        self.code = code
        self.message = message
    }

    /// How much of a name is told, in Unicode scalars.
    private static let nameLimit = 200

    private static func told(_ name: String) -> String {
        guard name.utf8.count > nameLimit, name.unicodeScalars.count > nameLimit else { return name }
        return String(name.unicodeScalars.prefix(nameLimit)) + "…"
    }

    package init(json: JSON) throws(JSONMismatch) {
        field = try json.get("field")
        code = try json.get("code")
        message = try json.get("message")
    }

    package func write(to writer: inout JSONWriter) {
        writer.object {
            $0.field("field", field)
            $0.field("code", code)
            $0.field("message", message)
        }
    }
}

extension ServiceError: JSONCodable {
    package init(json: JSON) throws(JSONMismatch) {
        code = ErrorCode(rawValue: try json.get("code"))
        detail = try json.get("detail")
        faults = try json.get("faults", as: [FieldFault]?.self) ?? []
        retryAfter = try json.get("retryAfter")
        if case .object(let members) = json["extra"] { extra = members } else { extra = [] }
    }

    package func write(to writer: inout JSONWriter) {
        writer.object {
            $0.field("code", code.rawValue)
            $0.field("detail", detail)
            if !faults.isEmpty { $0.field("faults", faults) }
            $0.fieldIfPresent("retryAfter", retryAfter)
            if !extra.isEmpty { $0.field("extra", JSON.object(extra)) }
        }
    }
}

extension ServiceError {
    /// `validation-failed` with `faults`, of which the first 32 are told, and a detail that names the first three
    /// fields.
    package static func validation(_ faults: [FieldFault]) -> ServiceError {
        let names = faults.prefix(3).map(\.field).joined(separator: ", ")
        return ServiceError(
            .validationFailed, "The request is not valid: \(names.isEmpty ? "body" : names).",
            faults: Array(faults.prefix(FieldFault.limit)))
    }

    /// `validation-failed` for one field; `code` is one of those of `FieldFault.code`.
    package static func validation(_ field: String, _ code: String, _ message: String) -> ServiceError {
        validation([FieldFault(field, code, message)])
    }

    /// - Parameter what: the kind of thing, as it stands in the sentence that a client reads: `order`.
    package static func notFound(_ what: String) -> ServiceError {
        ServiceError(.notFound, "There is no such \(what).")
    }

    /// Signed in, but neither in the role nor the owner.
    package static let forbidden = ServiceError(.forbidden, "You may not do this.")
    /// Nobody is signed in, or not any more.
    package static let unauthenticated = ServiceError(.unauthenticated, "A valid access token is needed.")
    /// For whatever went wrong that a client cannot help; the cause is in the log only.
    package static let `internal` = ServiceError(.internal, "Something went wrong on our side.")
    /// Nobody answers, or the link or the database is away; trying again in a second makes sense.
    package static let unavailable = ServiceError(
        .serviceUnavailable, "A part of the system does not answer at the moment.", retryAfter: 1)
    /// Its deadline had passed before the work was begun, so nothing was done.
    package static let tooLate = ServiceError(
        .upstreamTimeout, "The request came too late to be answered.", retryAfter: 1)
    /// Refused at once because too much is in work; nothing was done.
    package static let overloaded = ServiceError(
        .serviceUnavailable, "The system has too much to do at the moment.", retryAfter: 1)
}
