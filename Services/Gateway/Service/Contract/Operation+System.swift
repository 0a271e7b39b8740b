import Messaging
import Primitives

extension Operation {
    static let live = Operation(
        id: "live", summary: "Whether the gateway runs", tag: .system, audience: .anyone,
        answers: [Success(status: 200, about: "It does.", content: .json(health("live")))])

    static let ready = Operation(
        id: "ready", summary: "Whether it can serve", tag: .system, audience: .anyone,
        answers: [
            Success(status: 200, about: "It can.", content: .json(health("ready"))),
            Success(status: 503, about: "It cannot; `failing` says why.", content: .json(health("unavailable"))),
        ])

    static let problemPage = page("problemPage", "Read about a problem's code", problems: [.notFound])

    static let home = Operation(
        id: "home", summary: "Open the console, or read where the interface is", tag: .system, audience: .anyone,
        fields: [.ifNoneMatch],
        answers: [
            Success(
                status: 200, about: "A page.", content: .forms([("text/html", .string())]), fields: [.eTag, .encoding]),
            Success(status: 304, about: "It is still that one.", content: .none, fields: [.eTag]),
        ])
    static let consoleAsset = file(
        "consoleAsset", "Load what the console needs",
        "A style or a script. What the `version` of the page of now names may be kept.",
        ["text/css", "text/javascript"])

    static let docsPage = page("docsPage", "Try the interface in a browser")
    static let eventsPage = page("eventsPage", "Read about sockets' events in a browser")
    static let guidePage = page("guidePage", "Walk from the first request to a conversation")

    static let asset = file("asset", "Load what a page needs", "A style or a script.", ["text/css", "text/javascript"])
    static let client = file(
        "client", "Load the JavaScript client", "`orderline.js`, an ES module, or its types, `orderline.d.ts`.",
        ["text/javascript", "text/plain"])

    static let openAPI = Operation(
        id: "openApi", summary: "Read this document", tag: .system, audience: .anyone, fields: [.ifNoneMatch],
        answers: document("OpenAPI 3.1."))

    static let asyncAPI = Operation(
        id: "asyncApi", summary: "Read what sockets say", tag: .system, audience: .anyone, fields: [.ifNoneMatch],
        answers: document("AsyncAPI 3.0."))

    static let webSocket = Operation(
        id: "webSocket", summary: "Open a plain WebSocket", tag: .sockets, audience: .anyone,
        answers: [Success(status: 101, about: "The socket is open.", content: .none)],
        problems: [.validationFailed, .unauthenticated, .tokenExpired, .forbidden])

    static let pollSocketIO = Operation(
        id: "pollSocketIo", summary: "Open or poll a session of Socket.IO", tag: .sockets, audience: .anyone,
        about: "For clients of Socket.IO 4, whose protocol says what is asked and answered.",
        answers: [
            Success(status: 101, about: "The session is a WebSocket.", content: .none), engineIOAnswer, engineIOFault,
        ], problems: [.unauthenticated, .tokenExpired, .forbidden])

    static let postSocketIO = Operation(
        id: "postSocketIo", summary: "Send to a session of Socket.IO", tag: .sockets, audience: .anyone,
        about: "For clients of Socket.IO 4, whose protocol says what is asked and answered.",
        answers: [engineIOAnswer, engineIOFault], problems: [.unauthenticated, .tokenExpired, .forbidden])

    private static let engineIOAnswer = Success(
        status: 200, about: "Packets of Engine.IO 4.",
        content: .forms([("text/plain", .string()), ("text/html", .string())]))
    private static let engineIOFault = Success(
        status: 400, about: "What is no request of Engine.IO.",
        content: .json(
            .object(
                ObjectSchema(
                    name: "EngineIOError", about: "What Engine.IO calls an error.",
                    members: [
                        .init("code", .integer(0...5), about: "Engine.IO's number.", isRequired: true, example: 1),
                        .init(
                            "message", .string(), about: "Its words.", isRequired: true,
                            example: "Session ID unknown"),
                    ]))))

    private static func page(_ id: String, _ summary: String, problems: [ErrorCode] = []) -> Operation {
        Operation(
            id: id, summary: summary, tag: .system, audience: .anyone,
            answers: [Success(status: 200, about: "A page.", content: .forms([("text/html", .string())]))],
            problems: problems)
    }

    private static func file(_ id: String, _ summary: String, _ about: String, _ types: [String]) -> Operation {
        Operation(
            id: id, summary: summary, tag: .system, audience: .anyone, fields: [.ifNoneMatch],
            answers: [
                Success(
                    status: 200, about: about, content: .forms(types.map { ($0, .string()) }),
                    fields: [.eTag, .encoding]),
                Success(status: 304, about: "It is still that one.", content: .none, fields: [.eTag]),
            ], problems: [.notFound])
    }

    private static func document(_ about: String) -> [Success] {
        [
            Success(status: 200, about: about, content: .json(.map), fields: [.eTag]),
            Success(status: 304, about: "It is still that one.", content: .none, fields: [.eTag]),
        ]
    }

    private static func health(_ status: String) -> Schema {
        .object(
            ObjectSchema(
                name: nil, about: "How the gateway is.",
                members: [
                    .init("status", .string(), about: "In words.", isRequired: true, example: .string(status)),
                    .init(
                        "failing", .map, about: "What keeps it from serving, by part.", isRequired: false),
                ]))
    }
}
