import Foundation
import TestKit

/// What `Deploy/nats-server.conf` grants, read from the file itself.
struct PermissionFile: Sendable {
    /// The rights of one user; patterns as the server takes them.
    struct Rights: Sendable, Equatable {
        var publish: Set<String> = []
        var refused: Set<String> = []
        var subscribe: Set<String> = []
        /// How many answers to one request.
        var answers = 0

        func mayPublish(_ subject: String) -> Bool {
            publish.contains { PermissionFile.matches($0, subject) }
                && !refused.contains { PermissionFile.matches($0, subject) }
        }

        func mayListen(to subject: String) -> Bool { subscribe.contains { PermissionFile.matches($0, subject) } }
    }

    static let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("Deploy/nats-server.conf").path

    let users: [String: Rights]

    init() throws {
        let lines = try String(contentsOfFile: Self.path, encoding: .utf8).split(separator: "\n")
        let text = lines.map { $0.prefix { $0 != "#" } }.joined(separator: "\n")
        var users: [String: Rights] = [:]
        for block in text.components(separatedBy: "user: ").dropFirst() {
            guard let name = block.split(whereSeparator: \.isWhitespace).first else { continue }
            var rights = Rights()
            let publish = Self.part(of: block, after: "publish")
            rights.publish = Self.list(in: publish, after: "allow:")
            rights.refused = Self.list(in: publish, after: "deny:")
            rights.subscribe = Self.list(in: Self.part(of: block, after: "subscribe"), after: "allow:")
            if let match = block.firstMatch(of: /allow_responses \{ max: (\d+)/) { rights.answers = Int(match.1) ?? 0 }
            users[String(name)] = rights
        }
        self.users = users
    }

    /// One subject for each pattern that anybody is granted.
    var subjects: Set<String> {
        let patterns = users.values.flatMap { [$0.publish, $0.refused, $0.subscribe] }.reduce(into: Set()) {
            $0.formUnion($1)
        }
        return Set(patterns.map { $0.replacing("*", with: "x").replacing(">", with: "x.y") })
    }

    /// Whether a subject, or a pattern that is subscribed to, lies within the pattern of a permission as the server takes
    /// it: to `auth.*` it lets `auth.>` through, so whoever may listen to the one hears all below it.
    static func matches(_ pattern: String, _ subject: String) -> Bool {
        let (wanted, found) = (pattern.split(separator: "."), subject.split(separator: "."))
        for (place, token) in wanted.enumerated() {
            if token == ">" { return found.count > place }
            guard place < found.count, token == found[place] || token == "*" else { return false }
        }
        return wanted.count == found.count
    }

    /// The text between the braces behind a word.
    private static func part(of text: String, after word: String) -> String {
        guard let start = text.range(of: "\(word) {") else { return "" }
        return String(text[start.upperBound...].prefix { $0 != "}" })
    }

    /// The quoted texts between the brackets behind a word.
    private static func list(in text: String, after word: String) -> Set<String> {
        guard let start = text.range(of: word) else { return [] }
        return Set(text[start.upperBound...].prefix { $0 != "]" }.matches(of: /"([^"]+)"/).map { String($0.1) })
    }
}
