import Contracts
import Messaging
import Primitives

extension Problem: Described {
    static var schema: Schema {
        .object(
            ObjectSchema(
                name: "Problem", about: "Why something was refused (RFC 9457). Decide by `code`.",
                members: [
                    .init("type", .string(format: "uri-reference"), about: "A page on the code.", isRequired: true),
                    .init("title", .string(), about: "The code in words, for developers.", isRequired: true),
                    .init("status", .integer(400...599), about: "The HTTP status.", isRequired: true),
                    .init("detail", .string(), about: "What happened, for developers.", isRequired: true),
                    .init(
                        "instance", .string(), about: "The path that was asked for, or the socket's event.",
                        isRequired: true),
                    .init("code", code, about: "What happened, for programs.", isRequired: true),
                    .init("requestId", .string(), about: "By which our logs have it.", isRequired: true),
                    .init(
                        "errors", .list(fault, count: 1...FieldFault.limit),
                        about: "Of `validation-failed`: which fields are to blame.", isRequired: false),
                    .init(
                        "from", OrderStatus.schema, about: "Of `invalid-status-transition`: where the order stands.",
                        isRequired: false),
                    .init(
                        "to", OrderStatus.schema, about: "Of `invalid-status-transition`: what was asked for.",
                        isRequired: false),
                    .init(
                        "allowed", .list(OrderStatus.schema),
                        about: "Of `invalid-status-transition`: what can be set from there.", isRequired: false),
                    .init(
                        "orderId", Identifier.schema, about: "On a socket: the room that the problem is about.",
                        isRequired: false),
                ],
                example: try? JSONParser.parse(
                    JSONWriter.encode(
                        Problem(
                            error: .validation("quantity", "range", "must be from 1 to 1000000"),
                            requestID: "0b6f7c1e-5a1d", instance: "/api/v1/orders"))
                ).value))
    }

    private static let code = Schema.words(
        WordSchema(
            name: "ProblemCode", about: "Of a code that you do not know, go by its status.",
            words: ProblemCatalog.entries.map(\.code.rawValue)))

    private static let fault = Schema.object(
        ObjectSchema(
            name: "FieldFault", about: "What is wrong with one field.",
            members: [
                .init(
                    "field", .string(), about: "Its name, with dots into objects and lists; `body` when no field is.",
                    isRequired: true),
                .init(
                    "code",
                    .words(WordSchema(name: "FieldFaultCode", about: "What is wrong.", words: FieldFault.codes)),
                    about: "What is wrong, for programs.", isRequired: true),
                .init("message", .string(), about: "What is wrong, for developers.", isRequired: true),
            ]))
}
