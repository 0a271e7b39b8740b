import Crypto
import Foundation
import HTTPTypes
import Hummingbird
import Messaging
import NIOCore
import Primitives

/// A file that browsers load: plain, and by gzip (RFC 1952) for whoever takes that.
struct WebFile: Sendable {
    private let plain: ByteBuffer
    private let compressed: ByteBuffer?
    private let type: String
    private let tag: String

    /// - Parameters:
    ///   - name: by whose ending its type is told.
    ///   - compressed: made here when it is left out.
    init(_ plain: [UInt8], compressed: [UInt8]? = nil, name: String) {
        self.plain = ByteBuffer(bytes: plain)
        self.compressed = (compressed ?? Gzip.compressed(plain)).map { ByteBuffer(bytes: $0) }
        type =
            switch name.split(separator: ".").last {
            case "css": "text/css; charset=utf-8"
            case "html": "text/html; charset=utf-8"
            case "ts": "text/plain; charset=utf-8"
            default: "text/javascript; charset=utf-8"
            }
        tag = Base64URL.encode(Array(SHA256.hash(data: plain).prefix(12)))
    }

    /// The file, or 304 for whoever has it.
    /// - Parameters:
    ///   - caching: what `Cache-Control` says.
    ///   - extra: further fields.
    func response(to request: GatewayRequest, caching: String, extra: HTTPFields = [:]) -> Response {
        let compressed = Self.takesGzip(request.head.headerFields[values: .acceptEncoding]) ? compressed : nil
        let tag = compressed == nil ? "\"\(tag)\"" : "\"\(tag)-gzip\""
        var headers = extra
        headers[.eTag] = tag
        headers[.cacheControl] = caching
        headers[.vary] = "Accept-Encoding"
        if request.hasTag(tag) { return Response(status: .notModified, headers: headers) }
        headers[.contentType] = type
        if compressed != nil { headers[.contentEncoding] = "gzip" }
        return Response(status: .ok, headers: headers, body: ResponseBody(byteBuffer: compressed ?? plain))
    }

    /// Whether `Accept-Encoding` names gzip, and not to refuse it (RFC 9110 §12.5.3).
    private static func takesGzip(_ values: [String]) -> Bool {
        values.flatMap { $0.lowercased().split(separator: ",") }.contains { element in
            let words = element.split(separator: ";").map { $0.trimmingCharacters(in: .whitespaces) }
            return words.first == "gzip"
                && !words.dropFirst().contains { $0.hasPrefix("q=0") && !$0.contains { ("1"..."9").contains($0) } }
        }
    }
}
