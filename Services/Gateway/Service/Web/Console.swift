import Crypto
import HTTPTypes
import Hummingbird
import Messaging
import Primitives

/// The console: one page at `/`, and the style and modules that it loads. All of it is part of the program.
struct Console: Sendable {
    static let prefix = "/console/"
    /// The module that the page begins with.
    private static let start = "console.js"

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

    private let page: WebFile
    /// Changes with any of the files.
    private let version: String
    private let files: [String: WebFile]

    init() {
        let files = [
            ("account.js", PackageResources.account_js), ("alerts.js", PackageResources.alerts_js),
            ("closing.js", PackageResources.closing_js), ("composer.js", PackageResources.composer_js),
            ("connection.js", PackageResources.connection_js), ("console.css", PackageResources.console_css),
            ("console.js", PackageResources.console_js), ("conversation.js", PackageResources.conversation_js),
            ("desk.js", PackageResources.desk_js), ("dialog.js", PackageResources.dialog_js),
            ("dom.js", PackageResources.dom_js), ("figures.js", PackageResources.figures_js),
            ("filters.js", PackageResources.filters_js),
            ("forms.js", PackageResources.forms_js), ("history.js", PackageResources.history_js),
            ("kept.js", PackageResources.kept_js), ("keys.js", PackageResources.keys_js),
            ("order.js", PackageResources.order_js), ("orderline.js", PackageResources.orderline_js),
            ("orders.js", PackageResources.orders_js), ("outbox.js", PackageResources.outbox_js),
            ("place.js", PackageResources.place_js),
            ("queue.js", PackageResources.queue_js), ("router.js", PackageResources.router_js),
            ("signin.js", PackageResources.signin_js), ("store.js", PackageResources.store_js),
            ("text.js", PackageResources.text_js), ("texts.js", PackageResources.texts_js),
            ("theme.js", PackageResources.theme_js), ("users.js", PackageResources.users_js),
        ]
        var hash = SHA256()
        for (_, content) in files { hash.update(data: content) }
        version = Base64URL.encode(Array(hash.finalize().prefix(12)))
        self.files = Dictionary(uniqueKeysWithValues: files.map { ($0, WebFile($1, name: $0)) })
        let prefix = "\(Self.prefix)\(version)/"
        // All modules are asked for at once, not each when another has named it.
        let preloads = files.filter { $0.0.hasSuffix(".js") && $0.0 != Self.start }
            .map { "<link rel=\"modulepreload\" href=\"\(prefix)\($0.0)\">\n" }.joined()
        let html = String(decoding: PackageResources.console_html, as: UTF8.self)
            .replacing("{{assets}}", with: prefix).replacing("{{preloads}}", with: preloads)
        page = WebFile(Array(html.utf8), name: "console.html")
    }

    /// The page, which is kept and asked for anew each time.
    func home(_ request: GatewayRequest) -> Response {
        page.response(to: request, caching: "no-cache", extra: [.contentSecurityPolicy: Self.policy])
    }

    /// A file. Under the version of now it may be kept for ever; a page of another version, which a gateway that is being
    /// replaced has served, gets today's.
    /// - Throws: `not-found`.
    func response(to request: GatewayRequest) throws(ServiceError) -> Response {
        guard let file = files[request.parameter("name")] else { throw .notFound("asset") }
        let isCurrent = request.parameter("version") == version
        return file.response(to: request, caching: isCurrent ? "public, max-age=31536000, immutable" : "no-cache")
    }
}
