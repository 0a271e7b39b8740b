import Crypto
import Foundation
import HTTPTypes
import Hummingbird
import Messaging
import NIOCore
import Primitives

/// What pages and front ends load: our own style, scripts and client, which are part of the program, and the viewers that
/// set-up has fetched.
struct WebAssets: Sendable {
    private struct Asset: Sendable {
        var plain: ByteBuffer
        /// The same by gzip (RFC 1952), where there is one.
        var compressed: ByteBuffer?
        var type: String
        var tag: String

        init(_ plain: [UInt8], compressed: [UInt8]? = nil, name: String) {
            self.plain = ByteBuffer(bytes: plain)
            self.compressed = compressed.map { ByteBuffer(bytes: $0) }
            type =
                if name.hasSuffix(".css") { "text/css; charset=utf-8" } else if name.hasSuffix(".ts") {
                    "text/plain; charset=utf-8"
                } else { "text/javascript; charset=utf-8" }
            tag = Base64URL.encode(Array(SHA256.hash(data: plain).prefix(12)))
        }
    }

    /// What set-up fetches (Tools/Docs/fetch.sh).
    static let viewers = ["swagger-ui-bundle.js", "swagger-ui.css", "asyncapi-viewer.js"]

    /// By the path of the address.
    private let assets: [String: Asset]
    static let pages = "/docs/assets/"
    static let client = "/client/"

    /// - Parameter directory: where the viewers are; one that is missing is not served, and its page says so.
    init(directory: String?) {
        let own = [
            (Self.pages + "pages.css", PackageResources.pages_css), (Self.pages + "docs.js", PackageResources.docs_js),
            (Self.pages + "events.js", PackageResources.events_js),
            (Self.pages + "guide.js", PackageResources.guide_js),
            (Self.client + "orderline.js", PackageResources.orderline_js),
            (Self.client + "orderline.d.ts", PackageResources.orderline_d_ts),
        ]
        var assets = Dictionary(uniqueKeysWithValues: own.map { ($0, Asset($1, name: $0)) })
        if let directory {
            let folder = URL(filePath: directory, directoryHint: .isDirectory)
            for name in Self.viewers {
                guard let plain = try? Data(contentsOf: folder.appending(path: name)) else { continue }
                let compressed = try? Data(contentsOf: folder.appending(path: name + ".gz"))
                assets[Self.pages + name] = Asset(Array(plain), compressed: compressed.map(Array.init), name: name)
            }
        }
        self.assets = assets
    }

    /// - Throws: `not-found` for a path that nothing has.
    func response(to request: GatewayRequest) throws(ServiceError) -> Response {
        guard let asset = assets[request.uri.path] else { throw .notFound("asset") }
        let compressed = Self.takesGzip(request.head.headerFields[values: .acceptEncoding]) ? asset.compressed : nil
        let tag = compressed == nil ? "\"\(asset.tag)\"" : "\"\(asset.tag)-gzip\""
        // Kept, but asked for anew each time: after an upgrade the old one is wrong.
        var headers: HTTPFields = [.eTag: tag, .cacheControl: "no-cache", .vary: "Accept-Encoding"]
        if request.hasTag(tag) { return Response(status: .notModified, headers: headers) }
        headers[.contentType] = asset.type
        if compressed != nil { headers[.contentEncoding] = "gzip" }
        return Response(
            status: .ok, headers: headers, body: ResponseBody(byteBuffer: compressed ?? asset.plain))
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
