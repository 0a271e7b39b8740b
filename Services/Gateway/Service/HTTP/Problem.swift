import HTTPTypes
import Hummingbird
import Messaging
import NIOCore
import Primitives

/// An error as clients see it (RFC 9457), the same over HTTP and in socket acknowledgements.
struct Problem: JSONWritable, Sendable {
    var error: ServiceError
    var requestID: String
    /// The path that was asked for, or the socket event.
    var instance: String

    func write(to writer: inout JSONWriter) {
        let entry = ProblemCatalog.entry(for: error.code)
        writer.object { writer in
            writer.field("type", "/problems/\(error.code.rawValue)")
            writer.field("title", entry.title)
            writer.field("status", entry.status.code)
            writer.field("detail", error.detail)
            writer.field("instance", instance)
            writer.field("code", error.code.rawValue)
            writer.field("requestId", requestID)
            if !error.faults.isEmpty { writer.field("errors", error.faults) }
            for member in error.extra {
                writer.name(data: member.name)
                member.value.write(to: &writer)
            }
        }
    }

    var response: Response {
        let (head, body) = httpResponse
        return Response(status: head.status, headers: head.headerFields, body: ResponseBody(byteBuffer: body))
    }

    /// The response in parts, with the length of its body among the fields.
    var httpResponse: (head: HTTPResponse, body: ByteBuffer) {
        let body = ByteBuffer(bytes: JSONWriter.encode(self))
        var headers: HTTPFields = [
            .contentType: "application/problem+json", .contentLength: String(body.readableBytes),
        ]
        if let seconds = error.retryAfter { headers[.retryAfter] = String(seconds) }
        let status = ProblemCatalog.entry(for: error.code).status
        if status == .unauthorized { headers[.wwwAuthenticate] = "Bearer" }
        return (HTTPResponse(status: status, headerFields: headers), body)
    }
}
