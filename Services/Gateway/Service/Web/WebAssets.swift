import Foundation
import Hummingbird
import Messaging

/// What pages and front ends load: our own style, scripts and client, which are part of the program, and the viewers that
/// set-up has fetched.
struct WebAssets: Sendable {
    /// What set-up fetches (Tools/Docs/fetch.sh).
    static let viewers = ["swagger-ui-bundle.js", "swagger-ui.css", "asyncapi-viewer.js"]

    /// By the path of the address.
    private let assets: [String: WebFile]
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
        var assets = Dictionary(uniqueKeysWithValues: own.map { ($0, WebFile($1, name: $0)) })
        if let directory {
            let folder = URL(filePath: directory, directoryHint: .isDirectory)
            for name in Self.viewers {
                guard let plain = try? Data(contentsOf: folder.appending(path: name)) else { continue }
                let compressed = try? Data(contentsOf: folder.appending(path: name + ".gz"))
                assets[Self.pages + name] = WebFile(Array(plain), compressed: compressed.map(Array.init), name: name)
            }
        }
        self.assets = assets
    }

    /// - Throws: `not-found` for a path that nothing has.
    func response(to request: GatewayRequest) throws(ServiceError) -> Response {
        guard let asset = assets[request.uri.path] else { throw .notFound("asset") }
        // Kept, but asked for anew each time: after an upgrade the old one is wrong.
        return asset.response(to: request, caching: "no-cache")
    }
}
