import Primitives
import Testing

/// Objects whose members stand in one list.
struct DescribedObjectTests {
    private enum Size: String, DescribedWord {
        static let about = "How large."

        case small, large
    }

    private struct Chair: DescribedObject, Equatable {
        static let about = "To sit on."
        static let example = Chair(legs: 4, name: "Stool", size: .small, note: nil)

        var legs: Int
        var name: String?
        var size: Size
        var note: String?

        static func members<List: MemberList>(of object: inout Self, _ list: inout List) throws(List.Failure) {
            try list.member("legs", &object.legs, "How many.", as: .integer(1...8))
            try list.member("name", &object.name, "How it is called.")
            try list.member("size", &object.size, "How large it is.")
            try list.memberIfPresent("note", &object.note, "What else.")
            list.derived("double", object.legs * 2, "Twice as many.")
            list.constant("kind", "chair", "What it is.")
        }
    }

    /// A property has been forgotten.
    private struct Incomplete: DescribedObject {
        static let about = "Not all of it."
        static let example = Incomplete(told: 1, forgotten: 2)

        var told: Int
        var forgotten: Int

        static func members<List: MemberList>(of object: inout Self, _ list: inout List) throws(List.Failure) {
            try list.member("told", &object.told, "In the list.")
        }
    }

    private func chair(_ text: String) throws(JSONMismatch) -> Chair { try Chair(jsonBytes: Array(text.utf8)) }

    @Test("Members are written in the order of the list, one without a value as null or not at all")
    func write() {
        func text(_ chair: Chair) -> String { String(decoding: JSONWriter.encode(chair), as: UTF8.self) }
        #expect(
            text(Chair(legs: 3, name: nil, size: .large, note: nil))
                == #"{"legs":3,"name":null,"size":"large","double":6,"kind":"chair"}"#)
        #expect(
            text(Chair(legs: 3, name: "é", size: .large, note: "n"))
                == #"{"legs":3,"name":"é","size":"large","note":"n","double":6,"kind":"chair"}"#)
    }

    @Test("What is read is what stands there, and nothing of the example")
    func read() throws {
        #expect(
            try chair(#"{"size":"large","legs":3,"name":null,"later":1}"#)
                == Chair(legs: 3, name: nil, size: .large, note: nil))
        #expect(try chair(#"{"size":"large","legs":3,"double":99}"#).name == nil)
        #expect(try chair(#"{"size":"large","legs":3,"note":"n"}"#).note == "n")
    }

    @Test(
        "What is missing or of another kind is named",
        arguments: [
            (#"{"size":"small"}"#, ["legs"]), (#"{"legs":1}"#, ["size"]), (#"{"legs":"1","size":"small"}"#, ["legs"]),
            (#"{"legs":1,"size":"huge"}"#, ["size"]), (#"{"legs":1,"size":"small","note":1}"#, ["note"]),
            ("[]", ["legs"]),
        ])
    func mismatch(text: String, path: [String]) {
        let error = #expect(throws: JSONMismatch.self) { try chair(text) }
        #expect(error?.path == path)
    }

    @Test("Documents say what the list says")
    func schema() {
        let size = Schema.words(WordSchema(name: "Size", about: "How large.", words: ["small", "large"]))
        #expect(
            Chair.schema
                == .object(
                    ObjectSchema(
                        name: "Chair", about: "To sit on.",
                        members: [
                            .init("legs", .integer(1...8), about: "How many.", isRequired: true),
                            .init("name", .orNull(.string()), about: "How it is called.", isRequired: true),
                            .init("size", size, about: "How large it is.", isRequired: true),
                            .init("note", .string(), about: "What else.", isRequired: false),
                            .init("double", .integer(), about: "Twice as many.", isRequired: true),
                            .init("kind", .constant("chair"), about: "What it is.", isRequired: true),
                        ],
                        example: ["legs": 4, "name": "Stool", "size": "small", "double": 8, "kind": "chair"])))
    }

    @Test("A property that is missing in the list is noticed")
    func incomplete() {
        #expect(Chair.tellsEachProperty)
        #expect(!Incomplete.tellsEachProperty)
    }
}
