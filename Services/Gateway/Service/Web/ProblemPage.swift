import HTTPTypes
import Hummingbird
import Messaging
import NIOCore

/// The page at which a problem's `type` points.
enum ProblemPage {
    /// - Throws: `not-found` for a code that no problem has.
    static func response(for code: String) throws(ServiceError) -> Response {
        guard let entry = ProblemCatalog.known(code) else { throw .notFound("problem") }
        let page = """
            <!doctype html>
            <html lang="en">
            <head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
            <title>\(entry.code.rawValue) · Orderline</title></head>
            <body><main>
            <h1>\(entry.title)</h1>
            <p>Code <code>\(entry.code.rawValue)</code>, HTTP status \(entry.status.code).</p>
            <p>\(entry.explanation)</p>
            </main></body>
            </html>
            """
        return Response(
            status: .ok, headers: [.contentType: "text/html; charset=utf-8"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: page)))
    }
}
