import HTTPTypes
import Hummingbird
import NIOCore
import ServiceKit

/// The routes that the gateway answers by itself.
enum SystemRoutes {
    static func routes(health: HealthRegistry) -> [Route] {
        [
            Route(.get, "/health/live", .live, access: .anyone, budget: .none) { _ in
                .json(.ok, Array(#"{"status":"live"}"#.utf8))
            },
            Route(.get, "/health/ready", .ready, access: .anyone, budget: .none) { _ in
                OperatorServer.readiness(await health.failures())
            },
            Route(.get, "/problems/{code}", .problemPage, access: .anyone) { request in
                try ProblemPage.response(for: request.parameter("code"))
            },
        ]
    }
}
