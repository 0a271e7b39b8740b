import Messaging
import Primitives
import SocketServer

/// What is said on sockets as an AsyncAPI 3.0 document: the same events at both doors, each in the frames of its own.
struct AsyncAPIDocument {
    private var schemas = SchemaDocument()
    private var messages: [JSONMember] = []
    private var operations: [JSONMember] = []

    private init() {}

    static func make() -> JSON {
        var document = AsyncAPIDocument()
        return document.make()
    }

    private mutating func make() -> JSON {
        let channels = Door.allCases.map { door in JSONMember(door.rawValue, channel(door)) }
        return [
            "asyncapi": "3.0.0",
            "info": [
                "title": "Orderline sockets", "version": .string(OpenAPIDocument.version),
                "description": .string(Self.about),
                "license": ["name": "Apache-2.0"],
            ],
            "defaultContentType": "application/json",
            "servers": [
                "gateway": [
                    "host": "{host}", "protocol": "ws", "description": "A gateway; over TLS the protocol is wss.",
                    "variables": [
                        "host": ["default": "localhost:8080", "description": "Host and port of the gateway."]
                    ],
                ]
            ],
            "channels": .object(channels), "operations": .object(operations),
            "components": ["messages": .object(messages), "schemas": .object(schemas.components)],
        ]
    }

    private static let about = """
        Two doors with the same events: `/ws` is a plain WebSocket, `/socket.io/` is for clients of Socket.IO 4. Events, \
        rules and answers are the same at both. Within this version events and fields are added and never taken away: pass \
        over what you do not know.
        """

    /// One of the doors.
    private enum Door: String, CaseIterable {
        case webSocket
        case socketIO

        var path: String { self == .webSocket ? SocketDoors.plainPath : SocketDoors.socketIOPath }

        var about: String {
            switch self {
            case .webSocket:
                "Frames are JSON text, one event each. Sign in with `Authorization` in the handshake, or with `authenticate` "
                    + "as the first frame within 10 seconds. A frame with `id` gets exactly one answer."
            case .socketIO:
                "Give the token as `auth: {token}`. Payloads here are the arguments of `emit` and of the listener, the "
                    + "event's name first; an acknowledgement callback gets one object."
            }
        }

        /// How a message of this door is named.
        func name(_ event: String) -> String { "\(rawValue)-\(event)" }
    }

    private mutating func channel(_ door: Door) -> JSON {
        var names: [String] = []
        for event in ClientEvent.Name.allCases {
            let description = event.description
            let (name, answer) = (door.name(event.rawValue), door.name("\(event.rawValue)Answer"))
            let data = schemas.component("\(event.rawValue)Data") { $0.inline(description.data, isClosed: true) }
            let told: JSON = description.takesBareID ? ["anyOf": [data, schemas.reference(Identifier.schema)]] : data
            let result = schemas.reference(description.answer)
            add(
                name, title: event.rawValue, about: description.about, payload: asked(door, event.rawValue, told))
            add(
                answer, title: "\(event.rawValue), answered", about: "The acknowledgement of `\(event.rawValue)`.",
                payload: answered(door, result, problem(description.problems)))
            names += [name, answer]
            operations.append(
                JSONMember(
                    door.name("receive-\(event.rawValue)"),
                    [
                        "action": "receive", "title": .string("\(event.rawValue) (\(door.path))"),
                        "channel": reference("channels", door.rawValue),
                        "summary": .string(description.about), "messages": [message(name, of: door)],
                        "reply": [
                            "channel": reference("channels", door.rawValue), "messages": [message(answer, of: door)],
                        ],
                    ]))
        }
        for event in ServerEvent.Name.allCases {
            let description = event.description
            let name = door.name("on-\(event.rawValue)")
            let data = event == .error ? problem(nil) : schemas.reference(description.data)
            add(
                name, title: event.rawValue, about: "\(description.about) To \(description.addressees).",
                payload: told(door, event.rawValue, data))
            names.append(name)
            operations.append(
                JSONMember(
                    door.name("send-\(event.rawValue)"),
                    [
                        "action": "send", "title": .string("\(event.rawValue) (\(door.path))"),
                        "channel": reference("channels", door.rawValue),
                        "summary": .string(description.about), "messages": [message(name, of: door)],
                    ]))
        }
        return [
            "address": .string(door.path), "description": .string(door.about),
            "messages": .object(names.map { JSONMember($0, reference("components/messages", $0)) }),
        ]
    }

    private mutating func add(_ name: String, title: String, about: String, payload: JSON) {
        messages.append(
            JSONMember(
                name,
                [
                    "name": .string(title), "title": .string(title), "summary": .string(about), "payload": payload,
                ]))
    }

    private func reference(_ place: String, _ name: String) -> JSON { ["$ref": .string("#/\(place)/\(name)")] }

    private func message(_ name: String, of door: Door) -> JSON {
        reference("channels/\(door.rawValue)/messages", name)
    }

    /// A problem, with the codes that the event may have.
    /// - Parameter codes: `nil` for any.
    private mutating func problem(_ codes: [ErrorCode]?) -> JSON {
        let schema = schemas.reference(Problem.schema)
        guard let codes else { return schema }
        let all = Self.ofEveryEvent + codes
        return [
            "allOf": [schema, ["properties": ["code": ["enum": .array(all.map { .string($0.rawValue) })]]]]
        ]
    }

    /// What may be refused of any event.
    private static let ofEveryEvent: [ErrorCode] = [
        .validationFailed, .malformedJSON, .unauthenticated, .rateLimited, .internal, .serviceUnavailable,
        .upstreamTimeout,
    ]

    // MARK: Frames

    private func asked(_ door: Door, _ event: String, _ data: JSON) -> JSON {
        switch door {
        case .webSocket:
            [
                "type": "object",
                "properties": [
                    "id": ["type": "integer", "description": "Of your choice: the answer has it as `ack`."],
                    "event": ["const": .string(event)], "data": data,
                ],
                "required": ["event", "data"],
            ]
        case .socketIO: arguments(event, data)
        }
    }

    private func told(_ door: Door, _ event: String, _ data: JSON) -> JSON {
        switch door {
        case .webSocket:
            [
                "type": "object", "properties": ["event": ["const": .string(event)], "data": data],
                "required": ["event", "data"],
            ]
        case .socketIO: arguments(event, data)
        }
    }

    private func answered(_ door: Door, _ result: JSON, _ problem: JSON) -> JSON {
        let ack: [JSONMember] =
            door == .webSocket ? [JSONMember("ack", ["type": "integer", "description": "The `id` of the frame."])] : []
        let required: [JSON] = door == .webSocket ? ["ack"] : []
        return [
            "oneOf": [
                [
                    "type": "object", "properties": .object(ack + [JSONMember("data", result)]),
                    "required": .array(required + ["data"]),
                ],
                [
                    "type": "object", "properties": .object(ack + [JSONMember("error", problem)]),
                    "required": .array(required + ["error"]),
                ],
            ]
        ]
    }

    private func arguments(_ event: String, _ data: JSON) -> JSON {
        ["type": "array", "prefixItems": [["const": .string(event)], data], "minItems": 2, "maxItems": 2]
    }
}
