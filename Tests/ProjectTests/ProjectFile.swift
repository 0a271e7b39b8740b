import Foundation

/// A file of the project that is not Swift.
struct ProjectFile {
    let text: String

    /// - Parameter path: below the project's directory.
    init(_ path: String, from here: String = #filePath) throws {
        let root = URL(fileURLWithPath: here).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        text = try String(contentsOf: root.appendingPathComponent(path), encoding: .utf8)
    }

    /// What the first group of the pattern matches, wherever it does.
    func matches(_ pattern: String) throws -> Set<String> {
        let expression = try NSRegularExpression(pattern: pattern, options: .anchorsMatchLines)
        let whole = NSRange(text.startIndex..., in: text)
        return Set(
            expression.matches(in: text, range: whole).compactMap { match in
                Range(match.range(at: 1), in: text).map { String(text[$0]) }
            })
    }
}
