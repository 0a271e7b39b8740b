import Hummingbird

/// The pages that explain the interface, and what they load.
enum PageRoutes {
    static func routes(_ assets: WebAssets) -> [Route] {
        let pages: [(Page.Place, Operation, Page)] = [
            (
                .docs, .docsPage,
                Page(
                    title: "The HTTP interface", place: .docs, content: text(PackageResources.docs_html),
                    styles: ["swagger-ui.css"], classicScripts: ["swagger-ui-bundle.js"], scripts: ["docs.js"],
                    hasInlineStyles: true)
            ),
            (
                .events, .eventsPage,
                Page(
                    title: "What sockets say", place: .events, content: text(PackageResources.events_html),
                    scripts: ["asyncapi-viewer.js", "events.js"])
            ),
            (
                .guide, .guidePage,
                Page(
                    title: "From the first request to a conversation", place: .guide,
                    content: text(PackageResources.guide_html), scripts: ["guide.js"])
            ),
        ]
        return pages.map { place, operation, page in
            Route(.get, place.rawValue, operation, access: .anyone) { _ in page.response }
        } + [
            Route(.get, WebAssets.pages + "{name}", .asset, access: .anyone, handler: assets.response),
            Route(.get, WebAssets.client + "{name}", .client, access: .anyone, handler: assets.response),
        ]
    }

    private static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
}
