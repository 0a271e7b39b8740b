import Crypto
import HTTPTypes
import Hummingbird
import Messaging
import NIOCore
import Primitives

/// The console: one page at `/`, and the style and modules that it loads. All of it is part of the program.
struct Console: Sendable {
    static let prefix = "/console/"

    /// What is at `/` where there is no console.
    static let absence = Page(
        title: "The interface",
        content: """
            <main id="main">
            <h1>Orderline</h1>
            <p>There is no console at this gateway. The interface is below <code>/api/v1</code>, with sockets at <code>/ws</code>
            and <code>/socket.io/</code>.</p>
            <ul>
            <li><a href="/docs/guide">A first walk</a></li>
            <li><a href="/docs">Every call, to be tried</a></li>
            <li><a href="/docs/events">What sockets say</a></li>
            </ul>
            </main>
            """)

    /// Nothing from elsewhere, and no script or style that stands in the page (CSP 3).
    private static let policy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

    private let page: ByteBuffer
    private let pageTag: String
    /// Changes with any of the files.
    private let version: String
    private let files: [String: ByteBuffer]

    init() {
        let files = [
            ("account.js", PackageResources.account_js), ("console.css", PackageResources.console_css),
            ("console.js", PackageResources.console_js), ("dom.js", PackageResources.dom_js),
            ("forms.js", PackageResources.forms_js), ("orderline.js", PackageResources.orderline_js),
            ("router.js", PackageResources.router_js), ("signin.js", PackageResources.signin_js),
            ("texts.js", PackageResources.texts_js), ("theme.js", PackageResources.theme_js),
        ]
        version = Self.hash(files.map(\.1))
        self.files = Dictionary(uniqueKeysWithValues: files.map { ($0, ByteBuffer(bytes: $1)) })
        let html = String(decoding: PackageResources.console_html, as: UTF8.self)
            .replacing("{{assets}}", with: "\(Self.prefix)\(version)/")
        page = ByteBuffer(string: html)
        pageTag = "\"\(Self.hash([Array(html.utf8)]))\""
    }

    /// The page, which is kept and asked for anew each time.
    func home(_ request: GatewayRequest) -> Response {
        var headers: HTTPFields = [.eTag: pageTag, .cacheControl: "no-cache", .contentSecurityPolicy: Self.policy]
        if request.hasTag(pageTag) { return Response(status: .notModified, headers: headers) }
        headers[.contentType] = "text/html; charset=utf-8"
        return Response(status: .ok, headers: headers, body: ResponseBody(byteBuffer: page))
    }

    /// A file. Under the version of now it may be kept for ever; a page of another version, which a gateway that is being
    /// replaced has served, gets today's.
    /// - Throws: `not-found`.
    func response(to request: GatewayRequest) throws(ServiceError) -> Response {
        let name = request.parameter("name")
        guard let file = files[name] else { throw .notFound("asset") }
        let isCurrent = request.parameter("version") == version
        return Response(
            status: .ok,
            headers: [
                .contentType: name.hasSuffix(".css") ? "text/css; charset=utf-8" : "text/javascript; charset=utf-8",
                .cacheControl: isCurrent ? "public, max-age=31536000, immutable" : "no-cache",
            ], body: ResponseBody(byteBuffer: file))
    }

    private static func hash(_ files: [[UInt8]]) -> String {
        var hash = SHA256()
        for file in files { hash.update(data: file) }
        return Base64URL.encode(Array(hash.finalize().prefix(12)))
    }
}
