import Hummingbird
import Messaging

/// `/` and what the console loads.
enum ConsoleRoutes {
    /// - Parameter console: `nil` where it is turned off: then `/` leads to the interface.
    static func routes(_ console: Console?) -> [Route] {
        [
            Route(.get, "/", .home, access: .anyone) { request in
                console?.home(request) ?? Console.absence.response
            },
            Route(.get, Console.prefix + "{version}/{name}", .consoleAsset, access: .anyone) { request in
                guard let console else { throw ServiceError.notFound("asset") }
                return try console.response(to: request)
            },
        ]
    }
}
