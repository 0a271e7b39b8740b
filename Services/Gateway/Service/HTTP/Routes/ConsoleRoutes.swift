import Hummingbird
import Messaging

/// `/` and what the console loads.
enum ConsoleRoutes {
    /// - Parameter console: `nil` where it is turned off: then `/` leads to the interface.
    static func routes(_ console: Console?) -> [Route] {
        let home = console?.page ?? Console.absence
        return [
            Route(.get, "/", .home, access: .anyone) { request in home.response(to: request) },
            Route(.get, Console.prefix + "{version}/{name}", .consoleAsset, access: .anyone) { request in
                guard let console else { throw ServiceError.notFound("asset") }
                return try console.response(to: request)
            },
        ]
    }
}
