import Foundation
import Messaging
import Primitives
import Testing

@testable import GatewayService

/// The documents that describe the interface, as they are made and as they stand in the tree.
struct ContractTests {
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "docs/contract", directoryHint: .isDirectory)

    @Test(
        "What stands in the tree is what the gateway serves: bin/contract writes it",
        arguments: ["openapi.json", "asyncapi.json"])
    func inTree(name: String) throws {
        let served = try #require(try GatewayService.documents().first { $0.name == name }).text
        let file = try String(contentsOf: Self.folder.appending(path: name), encoding: .utf8)
        #expect(served == file, "docs/contract/\(name) is an older one: run bin/contract and look at what it changes")
    }

    @Test("A document is served with a tag, by which it is asked for again")
    func tagged() throws {
        let contract = ContractRoutes(describing: [])
        #expect(contract.routes.map(\.path) == ["/openapi.json", "/asyncapi.json"])
        #expect(contract.openAPI.value["paths"]["/openapi.json"]["get"]["operationId"] == "openApi")
    }

    @Test("Every problem that clients can meet is one of an operation or of a socket's event")
    func problems() throws {
        let contract = try #require(try? GatewayService.documents())
        let texts = contract.map(\.text).joined()
        for entry in ProblemCatalog.entries where entry.code != .methodNotAllowed {
            // Once in the list of all codes in each document, and then where it may be met.
            let count = texts.components(separatedBy: "\"\(entry.code.rawValue)\"").count - 1
            #expect(count > 2, "no operation says that it may answer \(entry.code.rawValue): add it to its problems")
        }
    }

    @Test("A word, an object and a list become JSON Schema, each name standing once")
    func schemas() {
        var document = SchemaDocument()
        let object = ObjectSchema(
            name: "Thing", about: "A thing.",
            members: [
                .init("id", .string(format: "uuid"), about: "Its id.", isRequired: true, example: "x"),
                .init("words", .list(.orNull(.integer(1...3))), about: "Some.", isRequired: false),
            ])
        let reference: JSON = ["$ref": "#/components/schemas/Thing"]
        #expect(document.reference(.object(object)) == reference)
        #expect(document.reference(.list(.object(object))) == ["type": "array", "items": reference])
        #expect(document.reference(.orNull(.object(object))) == ["anyOf": [reference, ["type": "null"]]])
        #expect(
            document.components == [
                JSONMember(
                    "Thing",
                    [
                        "type": "object", "description": "A thing.",
                        "properties": [
                            "id": ["type": "string", "format": "uuid", "description": "Its id."],
                            "words": [
                                "type": "array",
                                "items": ["type": ["integer", "null"], "minimum": 1, "maximum": 3],
                                "description": "Some.",
                            ],
                        ], "required": ["id"], "examples": [["id": "x"]],
                    ])
            ])
    }
}
