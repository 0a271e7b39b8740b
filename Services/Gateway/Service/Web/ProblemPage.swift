import Hummingbird
import Messaging

/// The page at which a problem's `type` points.
enum ProblemPage {
    /// - Throws: `not-found` for a code that no problem has.
    static func response(for code: String) throws(ServiceError) -> Response {
        guard let entry = ProblemCatalog.known(code) else { throw .notFound("problem") }
        return Page(
            title: entry.code.rawValue,
            content: """
                <main id="main">
                <h1>\(entry.title)</h1>
                <ul class="code-line"><li>Code <code>\(entry.code.rawValue)</code></li>
                <li>HTTP status \(entry.status.code)</li></ul>
                <p>\(marked(entry.explanation))</p>
                <p>The problem itself says more: <code>detail</code> is about this one request, <code>requestId</code> names it in
                our logs.</p>
                </main>
                """
        ).response
    }

    /// Text whose names stand between back-quotes, as HTML.
    private static func marked(_ text: String) -> String {
        text.split(separator: "`", omittingEmptySubsequences: false).enumerated().map { index, part in
            index.isMultiple(of: 2) ? String(part) : "<code>\(part)</code>"
        }.joined()
    }
}
