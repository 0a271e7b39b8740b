import Foundation
import Primitives

/// One file of the folder Samples: `{"parameters": …, "reply": …}` of a request, `{"event": …}` of an event.
///
/// With `UPDATE_SAMPLES=1` in the environment files are written again as this version encodes them: for a member that
/// was added. A sample is never changed to fit a member that was removed or renamed.
struct Sample {
    private static var folder: URL {
        URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Samples", directoryHint: .isDirectory)
    }

    private let subject: String
    private let document: JSON

    init(_ subject: String) throws {
        self.subject = subject
        let bytes = try Data(contentsOf: Self.file(subject))
        document = try JSONParser.parse(Array(bytes)).value
    }

    subscript(name: String) -> JSON { document[name] }

    static func names() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder.path(percentEncoded: false))
            .filter { $0.hasSuffix(".json") }.map { String($0.dropLast(5)) }.sorted()
    }

    func write(parameters: JSON, reply: JSON) throws {
        try update(.object([JSONMember("parameters", parameters), JSONMember("reply", reply)]))
    }

    func write(event: JSON) throws { try update(.object([JSONMember("event", event)])) }

    private func update(_ new: JSON) throws {
        guard ProcessInfo.processInfo.environment["UPDATE_SAMPLES"] == "1", new != document else { return }
        try Data(new.indented.utf8 + [UInt8(ascii: "\n")]).write(to: Self.file(subject))
    }

    private static func file(_ subject: String) -> URL { folder.appending(path: "\(subject).json") }
}
