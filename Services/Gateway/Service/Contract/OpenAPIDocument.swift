import HTTPTypes
import Messaging
import Primitives

/// The HTTP interface as an OpenAPI 3.1 document, made of the routes.
struct OpenAPIDocument {
    /// The version of the interface, which is that of its paths; what is added within it does not change it.
    static let version = "1.0.0"

    private var schemas = SchemaDocument()
    /// Refusals that many operations have alike, by name.
    private var refusals: [JSONMember] = []
    private let routes: [Route]

    private init(_ routes: [Route]) { self.routes = routes }

    /// The document. Routes of one path stand together, in the order of their first.
    static func make(of routes: [Route]) -> JSON {
        var document = OpenAPIDocument(routes)
        return document.make()
    }

    private mutating func make() -> JSON {
        var paths: [JSONMember] = []
        for route in routes {
            let member = JSONMember(route.method.rawValue.lowercased(), operation(of: route))
            if let index = paths.firstIndex(where: { $0.name == route.path }),
                case .object(let members) = paths[index].value
            {
                paths[index].value = .object(members + [member])
            } else {
                paths.append(JSONMember(route.path, .object([member])))
            }
        }
        return [
            "openapi": "3.1.0",
            "info": [
                "title": "Orderline", "version": .string(Self.version),
                "summary": "Orders with a live conversation attached.",
                "description": .string(Self.about),
                "license": ["name": "Apache-2.0", "identifier": "Apache-2.0"],
            ],
            "tags": .array(
                Operation.Tag.allCases.map { ["name": .string($0.rawValue), "description": .string($0.about)] }),
            "paths": .object(paths),
            "components": [
                "schemas": .object(schemas.components), "responses": .object(refusals.sorted { $0.name < $1.name }),
                "headers": .object(
                    ResponseField.allCases.map { field in
                        JSONMember(
                            field.rawValue,
                            ["description": .string(field.about), "schema": schemas.reference(field.schema)])
                    }),
                "securitySchemes": Self.securitySchemes,
            ],
            "x-common-headers": .object(
                Self.commonHeaders.map { JSONMember($0.name, .string($0.about)) }),
        ]
    }

    private static let about = """
        Bodies are JSON in UTF-8. Every error is a problem (RFC 9457): decide by its `code`. Lists answer `items` and \
        `nextCursor`. Any path answers a method that it does not have with 405 and `Allow`, and `HEAD` as it would `GET`. \
        Within this version fields, routes, events and codes are added and never taken away: pass over what you do not \
        know. What is said on sockets is in `/asyncapi.json`.
        """

    private static let securitySchemes: JSON = [
        "accessToken": [
            "type": "http", "scheme": "bearer", "bearerFormat": "JWT",
            "description": "The `accessToken` of a session.",
        ],
        "refreshCookie": [
            "type": "apiKey", "in": "cookie", "name": "refreshToken",
            "description": "The refresh token; over HTTPS the cookie is named `__Secure-refreshToken`.",
        ],
    ]

    /// What any response may have, whatever it answers.
    private static let commonHeaders: [(name: String, about: String)] =
        SecurityHeaders.names.map { ($0, "Keeps browsers from what nobody wants of them.") }
        + CrossOrigin.names.map { ($0, "For front ends of other sites (the Fetch standard).") }
        + [
            ("Cache-Control", "`no-store`, unless the response says otherwise."),
            ("Content-Type", "The form of the body."),
            ("Content-Length", "RFC 9110."), ("Date", "RFC 9110."), ("Connection", "RFC 9110."),
            ("Keep-Alive", "RFC 9112."), ("Transfer-Encoding", "RFC 9112."), ("Vary", "RFC 9110."),
        ]

    private mutating func operation(of route: Route) -> JSON {
        let operation = route.operation
        var about = [operation.audience.words]
        if !operation.about.isEmpty { about.append(operation.about) }
        return .dropping([
            "operationId": .string(operation.id), "summary": .string(operation.summary),
            "description": .string(about.joined(separator: " ")), "tags": [.string(operation.tag.rawValue)],
            "security": security(of: route), "parameters": parameters(of: route), "requestBody": body(of: operation),
            "responses": responses(of: route),
        ])
    }

    private func security(of route: Route) -> JSON {
        switch route.access {
        case .anyone: route.operation.id == Operation.refresh.id ? [["refreshCookie": []], [:]] : []
        case .user, .userToEnrol: [["accessToken": []]]
        case .userOrBearer: [["accessToken": []], ["refreshCookie": []], [:]]
        }
    }

    // MARK: What is asked

    private mutating func parameters(of route: Route) -> JSON? {
        var parameters: [JSON] = route.placeholders.map { name in
            [
                "name": .string(name), "in": "path", "required": true,
                "schema": name.hasSuffix("Id") ? schemas.reference(Identifier.schema) : ["type": "string"],
            ]
        }
        for member in route.operation.query?.members ?? [] {
            parameters.append(
                .dropping([
                    "name": .string(member.name), "in": "query", "description": .string(member.about),
                    "required": member.isRequired ? true : nil, "schema": schemas.reference(member.schema),
                ]))
        }
        for field in route.operation.fields {
            parameters.append([
                "name": .string(field.rawValue), "in": "header", "description": .string(field.about),
                "schema": ["type": "string"], "example": .string(field.example),
            ])
        }
        return parameters.isEmpty ? nil : .array(parameters)
    }

    private mutating func body(of operation: Operation) -> JSON? {
        guard let body = operation.body else { return nil }
        return [
            "required": .bool(!operation.mayOmitBody),
            "content": ["application/json": ["schema": schemas.inline(body, isClosed: true)]],
        ]
    }

    // MARK: What is answered

    private mutating func responses(of route: Route) -> JSON {
        var responses: [Int: ResponseDescription] = [:]
        for answer in route.operation.answers {
            var response = ResponseDescription(sentences: [answer.about], fields: answer.fields)
            switch answer.content {
            case .none: break
            case .json(let schema):
                response.content.append(JSONMember("application/json", ["schema": schemas.reference(schema)]))
            case .forms(let forms):
                for form in forms {
                    response.content.append(JSONMember(form.type, ["schema": schemas.reference(form.schema)]))
                }
            }
            responses[answer.status] = response
        }
        let isCounted = route.budget == .usual || route.budget == .signIn
        var told = responses.mapValues { $0.json(isCounted: isCounted) }
        for (status, codes) in Dictionary(grouping: route.problems, by: { ProblemCatalog.entry(for: $0).status.code }) {
            var response = responses[status] ?? ResponseDescription()
            let codes = codes.map(\.rawValue).sorted()
            response.add(
                problem: codes, status: status, schema: schemas.reference(Problem.schema),
                sentences: codes.map { "`\($0)`: \(ProblemCatalog.entry(for: ErrorCode(rawValue: $0)).explanation)" })
            told[status] = response.json(isCounted: isCounted)
            if responses[status] == nil {
                let name = ([String(status)] + codes + (isCounted ? [] : ["uncounted"])).joined(separator: ".")
                told[status] = refusal(name, response.json(isCounted: isCounted))
            }
        }
        return .object(told.sorted { $0.key < $1.key }.map { JSONMember(String($0.key), $0.value) })
    }

    /// Where a refusal stands that others have as well.
    private mutating func refusal(_ name: String, _ response: JSON) -> JSON {
        if !refusals.contains(where: { $0.name == name }) { refusals.append(JSONMember(name, response)) }
        return ["$ref": .string("#/components/responses/\(name)")]
    }
}

/// One status of an operation.
private struct ResponseDescription {
    var sentences: [String] = []
    var fields: [ResponseField] = []
    var content: [JSONMember] = []

    mutating func add(problem codes: [String], status: Int, schema: JSON, sentences: [String]) {
        self.sentences += sentences
        content.append(
            JSONMember(
                "application/problem+json",
                [
                    "schema": [
                        "allOf": [
                            schema,
                            [
                                "properties": [
                                    "code": ["enum": .array(codes.map(JSON.string))],
                                    "status": ["const": .integer(status)],
                                ]
                            ],
                        ]
                    ]
                ]))
        // A cookie that somebody else has put there is cleared.
        if codes.contains(ErrorCode.invalidRefreshToken.rawValue) { fields += [.cookie, .clearSiteData] }
        switch status {
        case 401: fields.append(.authenticate)
        case 409, 429, 503, 504: fields.append(.retryAfter)
        default: break
        }
    }

    func json(isCounted: Bool) -> JSON {
        let common: [ResponseField] = isCounted ? [.requestID, .rateLimit, .rateLimitPolicy] : [.requestID]
        return .dropping([
            "description": .string(sentences.joined(separator: "\n\n")),
            "headers": .object(
                (common + fields).map { field in
                    JSONMember(field.rawValue, ["$ref": .string("#/components/headers/\(field.rawValue)")])
                }), "content": content.isEmpty ? nil : .object(content),
        ])
    }
}

extension Route {
    /// The names in the path's braces.
    var placeholders: [String] {
        path.split(separator: "/").filter { $0.hasPrefix("{") }.map { String($0.dropFirst().dropLast()) }
    }

    /// Every problem that the route may answer with: what its operation names, and what follows from what it is.
    var problems: [ErrorCode] {
        var codes: [ErrorCode] = [
            .malformedJSON, .requestTimeout, .uriTooLong, .headerFieldsTooLarge, .expectationFailed, .rateLimited,
            .internal, .serviceUnavailable,
        ]
        if operation.tag != .system || operation.id == Operation.keys.id { codes.append(.upstreamTimeout) }
        if access == .user || access == .userToEnrol { codes += [.unauthenticated, .tokenExpired] }
        if access == .user { codes.append(.forbidden) }
        if placeholders.contains(where: { $0.hasSuffix("Id") }) { codes += [.invalidID, .notFound] }
        if let query = operation.query {
            codes.append(.validationFailed)
            if query.members.contains(where: { $0.name == "cursor" }) { codes.append(.invalidCursor) }
        }
        if operation.body != nil { codes += [.validationFailed, .unsupportedMediaType] }
        if operation.fields.contains(.idempotencyKey) { codes.append(.validationFailed) }
        if body.limit > 0 { codes.append(.payloadTooLarge) }
        var seen: Set<ErrorCode> = []
        return (codes + operation.problems).filter { seen.insert($0).inserted }
    }
}
