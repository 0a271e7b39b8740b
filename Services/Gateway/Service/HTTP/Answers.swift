import HTTPTypes
import Hummingbird
import Messaging
import NIOCore
import Primitives

/// How answers of services become HTTP responses: the body is passed on as bytes.
extension Response {
    static func json(_ status: HTTPResponse.Status, _ body: [UInt8], headers: HTTPFields = [:]) -> Response {
        var headers = headers
        headers[.contentType] = "application/json"
        return Response(status: status, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: body)))
    }

    /// 200, or 201 when something was made; with the headers that the answer's facts call for.
    static func relay<Reply>(_ answer: Answer<Reply>, location: ((Identifier) -> String)? = nil) -> Response {
        var headers: HTTPFields = [:]
        let facts = answer.metadata
        if let version = facts.version { headers[.eTag] = "\"\(version)\"" }
        if let id = facts.id, let location { headers[.location] = location(id) }
        if facts.isReplayed { headers[.idempotencyReplayed] = "true" }
        return .json(facts.isCreated ? .created : .ok, answer.body, headers: headers)
    }

    static var noContent: Response { Response(status: .noContent) }
}
