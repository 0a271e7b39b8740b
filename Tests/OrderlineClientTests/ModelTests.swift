import Foundation
import Testing

@testable import OrderlineClient

/// The client's types say what the interface's documents say.
struct ModelTests {
    private struct Documents: Decodable {
        struct Components: Decodable { var schemas: [String: JSONValue] }
        struct Info: Decodable { var version: String }

        var info: Info
        var components: Components
    }

    private let schemas: [String: JSONValue]
    private let version: String

    init() throws {
        let folder = URL(filePath: #filePath).appending(path: "../../../docs/contract").standardized
        let all = try ["openapi", "asyncapi"].map {
            try JSONDecoder().decode(Documents.self, from: Data(contentsOf: folder.appending(path: "\($0).json")))
        }
        schemas = all[0].components.schemas.merging(all[1].components.schemas) { first, _ in first }
        version = all[0].info.version
    }

    private func member(_ name: String, of schema: String) throws -> JSONValue {
        guard case .object(let members) = schemas[schema] else { throw Missing(schema) }
        guard let value = members[name] else { throw Missing("\(schema).\(name)") }
        return value
    }

    /// The documents' first example is read without loss, and the type has the properties that are described.
    private func expect<Value: Codable & Sendable>(_ type: Value.Type, is schema: String) throws {
        guard case .object(let properties) = try member("properties", of: schema),
            case .array(let examples) = try member("examples", of: schema), let example = examples.first
        else { throw Missing(schema) }
        let value = try WireCoding.decode(type, WireCoding.encode(example))
        let names = Mirror(reflecting: value).children.compactMap(\.label)
        #expect(Set(names) == Set(properties.keys), "\(schema)")
        let again = try WireCoding.decode(JSONValue.self, WireCoding.encode(value))
        #expect(again.withoutNull == example.withoutNull, "\(schema)")
    }

    private func expect<Value: Word>(_ words: [Value], are schema: String) throws {
        guard case .array(let described) = try member("enum", of: schema) else { throw Missing(schema) }
        #expect(Set(words.map { JSONValue.string($0.rawValue) }) == Set(described), "\(schema)")
    }

    @Test("Objects have the properties that are described, and lose nothing")
    func objects() throws {
        try expect(Person.self, is: "Person")
        try expect(Participant.self, is: "Participant")
        try expect(User.self, is: "User")
        try expect(Session.self, is: "Session")
        try expect(Order.self, is: "Order")
        try expect(OrderHistoryEntry.self, is: "OrderHistoryEntry")
        try expect(Message.self, is: "Message")
        try expect(MessagePage.self, is: "MessagePage")
        try expect(RoomFacts.self, is: "Room")
        try expect(JoinedRoom.self, is: "JoinedRoom")
        try expect(RoomClosedNotice.self, is: "RoomClosedNotice")
        try expect(MessagesRead.self, is: "MessagesRead")
        try expect(TypingNotice.self, is: "TypingNotice")
        try expect(PresenceNotice.self, is: "PresenceNotice")
        try expect(OrderStatusNotice.self, is: "OrderStatusNotice")
    }

    @Test("Words are those that are described")
    func words() throws {
        try expect(OrderStatus.described, are: "OrderStatus")
        try expect(OrderHistoryEntry.Kind.described, are: "OrderHistoryKind")
        try expect(Message.Kind.described, are: "MessageKind")
        try expect([Role.admin, .regular], are: "Role")
        try expect(SessionEndReason.described, are: "SessionEndReason")
        try expect(Problem.Code.described, are: "ProblemCode")
        #expect(Client.version == version)
    }

    @Test("Words and members that a newer server adds are read")
    func newer() throws {
        let user = #"{"id": "u", "name": "N", "email": null, "role": "Auditor", "disabled": false, "more": [1],"#
        let read = try WireCoding.decode(User.self, Array((user + #""createdAt": "2025-11-25T11:33:31.395Z"}"#).utf8))
        #expect(read.role == "Auditor" && read.email == nil)
        let problem = try WireCoding.decode(Problem.self, Array(#"{"code": "shop-shut", "status": 418}"#.utf8))
        #expect(problem.code == "shop-shut" && problem.status == 418 && !problem.isPassing)
    }

    @Test(
        "Any JSON value comes back as it was",
        arguments: [
            #"null"#, #"[true,false]"#, #"{"a":{"b":[1,-2.5,"x",null]}}"#, #"9223372036854775807"#, #""\u0000😀""#,
        ])
    func values(_ text: String) throws {
        let value = try WireCoding.decode(JSONValue.self, Array(text.utf8))
        #expect(try WireCoding.decode(JSONValue.self, WireCoding.encode(value)) == value)
    }

    @Test("A change names what changes, and nothing else")
    func changes() throws {
        let text = { (changes: OrderChanges) in String(decoding: try WireCoding.encode(changes), as: UTF8.self) }
        #expect(try text(OrderChanges(quantity: 2)) == #"{"quantity":2}"#)
        #expect(try text(OrderChanges(metadata: .null)) == #"{"metadata":null}"#)
    }

    private struct Missing: Error {
        let name: String
        init(_ name: String) { self.name = name }
    }
}

extension JSONValue {
    /// A member that is `null` and one that is not there are the same to a type.
    fileprivate var withoutNull: JSONValue {
        switch self {
        case .object(let members): .object(members.filter { $0.value != .null }.mapValues(\.withoutNull))
        case .array(let elements): .array(elements.map(\.withoutNull))
        default: self
        }
    }
}
