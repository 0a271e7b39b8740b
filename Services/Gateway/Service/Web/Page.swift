import HTTPTypes
import Hummingbird
import NIOCore

/// A page of the product: what it says, in the frame that all pages have.
struct Page: Sendable {
    /// A page that all others lead to.
    enum Place: String, CaseIterable, Sendable {
        case docs = "/docs"
        case events = "/docs/events"
        case guide = "/docs/guide"

        var title: String {
            switch self {
            case .docs: "Interface"
            case .events: "Events"
            case .guide: "Guide"
            }
        }
    }

    var title: String
    /// Which of the pages it is that others lead to; `nil` for any other.
    var place: Place?
    /// HTML with one `main`, made by us: nothing in it comes from a client.
    var content: String
    /// Names of assets.
    var styles: [String] = []
    /// Names of assets that are scripts of the kind before modules; they run first.
    var classicScripts: [String] = []
    /// Names of assets that are modules, in the order in which they run.
    var scripts: [String] = []
    /// Whether a script of the page sets styles within elements, which only Swagger UI does.
    var hasInlineStyles = false

    /// What the page may load: nothing from elsewhere, and no script that stands in it (CSP 3).
    private var policy: String {
        let styles = hasInlineStyles ? "'self' 'unsafe-inline'" : "'self'"
        return
            "default-src 'none'; script-src 'self'; style-src \(styles); img-src 'self' data:; font-src 'self' data:; "
            + "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    }

    private var html: String {
        let links = Place.allCases.map { each in
            let mark = each == place ? " aria-current=\"page\"" : ""
            return "<a href=\"\(each.rawValue)\"\(mark)>\(each.title)</a>"
        }
        // Ours comes last: it goes before what a viewer brings.
        let sheets = (styles + ["pages.css"]).map { "<link rel=\"stylesheet\" href=\"\(WebAssets.pages)\($0)\">" }
        let scripts =
            classicScripts.map { "<script defer src=\"\(WebAssets.pages)\($0)\"></script>" }
            + scripts.map { "<script type=\"module\" src=\"\(WebAssets.pages)\($0)\"></script>" }
        return """
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>\(title) · Orderline</title>
            <link rel="icon" href="data:,">
            \(sheets.joined(separator: "\n"))
            \(scripts.joined(separator: "\n"))
            </head>
            <body>
            <a class="skip" href="#main">To the content</a>
            <header class="bar"><nav aria-label="Pages"><a class="brand" href="/docs/guide">Orderline</a>
            \(links.joined(separator: "\n"))</nav></header>
            \(content)
            </body>
            </html>

            """
    }

    var response: Response {
        Response(
            status: .ok,
            headers: [
                .contentType: "text/html; charset=utf-8", .contentSecurityPolicy: policy, .cacheControl: "no-cache",
            ],
            body: ResponseBody(byteBuffer: ByteBuffer(string: html)))
    }
}
