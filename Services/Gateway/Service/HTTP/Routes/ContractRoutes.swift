import Crypto
import HTTPTypes
import Hummingbird
import Primitives
import Synchronization

/// The documents that describe the interface, and their routes.
struct ContractRoutes: Sendable {
    /// OpenAPI: the HTTP interface, these routes included.
    let openAPI: ContractDocument
    /// AsyncAPI: what sockets say.
    let asyncAPI = ContractDocument { AsyncAPIDocument.make() }

    /// - Parameter others: every other route.
    init(describing others: [Route]) {
        let nothing = ContractDocument { .null }
        // What the documents hold does not matter to what is said of their routes.
        let described = others + Self.routes(openAPI: nothing, asyncAPI: nothing)
        openAPI = ContractDocument { OpenAPIDocument.make(of: described) }
    }

    var routes: [Route] { Self.routes(openAPI: openAPI, asyncAPI: asyncAPI) }

    private static func routes(openAPI: ContractDocument, asyncAPI: ContractDocument) -> [Route] {
        [
            Route(.get, "/openapi.json", .openAPI, access: .anyone) { openAPI.response(to: $0) },
            Route(.get, "/asyncapi.json", .asyncAPI, access: .anyone) { asyncAPI.response(to: $0) },
        ]
    }
}

/// A document that is made when somebody asks for it first, and is the same as long as the process lives.
final class ContractDocument: Sendable {
    private let make: @Sendable () -> JSON
    private let encoded = Mutex<(bytes: [UInt8], tag: String)?>(nil)

    init(_ make: @escaping @Sendable () -> JSON) { self.make = make }

    var value: JSON { make() }

    func response(to request: GatewayRequest) -> Response {
        let (bytes, tag) = encoded.withLock { encoded in
            if let encoded { return encoded }
            let bytes = JSONWriter.encode(value)
            let tag = "\"\(Base64URL.encode(Array(SHA256.hash(data: bytes).prefix(12))))\""
            encoded = (bytes, tag)
            return (bytes, tag)
        }
        // Kept, but asked for anew each time: after an upgrade the old one is wrong.
        let headers: HTTPFields = [.eTag: tag, .cacheControl: "no-cache"]
        if request.hasTag(tag) { return Response(status: .notModified, headers: headers) }
        return .json(.ok, bytes, headers: headers)
    }
}
