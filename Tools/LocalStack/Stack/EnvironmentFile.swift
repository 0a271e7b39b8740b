internal import Foundation

/// Reads and writes files of lines `NAME=value`, such as `.env`.
package enum EnvironmentFile {
    /// The variables of the text. Values may stand in single or double quotes; `#` begins a comment at the start of a
    /// line or after white space; lines of any other form are passed over.
    package static func parse(_ text: String) -> [String: String] {
        var variables: [String: String] = [:]
        for line in text.split(whereSeparator: \.isNewline) {
            var rest = line.drop { $0.isWhitespace }
            if rest.hasPrefix("export ") { rest = rest.dropFirst(7).drop { $0.isWhitespace } }
            guard !rest.hasPrefix("#"), let equals = rest.firstIndex(of: "=") else { continue }
            let name = rest[..<equals].trimmingCharacters(in: .whitespaces)
            guard !name.isEmpty else { continue }
            variables[name] = value(rest[rest.index(after: equals)...])
        }
        return variables
    }

    /// The variables of a file; none when there is no such file.
    ///
    /// - Throws: `StackError` when it is there and cannot be read: settings that somebody made must not be passed over.
    package static func read(_ path: String) throws -> [String: String] {
        try WholeFile.read(path).map { parse($0.text) } ?? [:]
    }

    /// Lines in the order of their names, for a file that only this program writes.
    package static func text(_ variables: [String: String]) -> String {
        variables.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)\n" }.joined()
    }

    private static func value(_ raw: Substring) -> String {
        let text = raw.drop { $0.isWhitespace }
        if let quote = text.first, quote == "\"" || quote == "'" {
            let inner = text.dropFirst()
            if let end = inner.firstIndex(of: quote) { return String(inner[..<end]) }
        }
        var end = text.endIndex
        if text.hasPrefix("#") {
            end = text.startIndex
        } else if let comment = text.range(of: #"\s#"#, options: .regularExpression) {
            end = comment.lowerBound
        }
        return text[..<end].trimmingCharacters(in: .whitespaces)
    }
}
