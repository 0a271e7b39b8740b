// swift-tools-version:6.2
import PackageDescription

let strict: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    // As an error a warning cannot hide in a build that had compiled the file before.
    .treatAllWarnings(as: .error),
]

let asyncHTTPClient: Target.Dependency = .product(name: "AsyncHTTPClient", package: "async-http-client")
let argumentParser: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")
let configuration: Target.Dependency = .product(name: "Configuration", package: "swift-configuration")
let coreMetrics: Target.Dependency = .product(name: "CoreMetrics", package: "swift-metrics")
let crypto: Target.Dependency = .product(name: "Crypto", package: "swift-crypto")
let deque: Target.Dependency = .product(name: "DequeModule", package: "swift-collections")
let httpTypes: Target.Dependency = .product(name: "HTTPTypes", package: "swift-http-types")
let hummingbird: Target.Dependency = .product(name: "Hummingbird", package: "hummingbird")
let jwtKit: Target.Dependency = .product(name: "JWTKit", package: "jwt-kit")
let lifecycle: Target.Dependency = .product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let metrics: Target.Dependency = .product(name: "Metrics", package: "swift-metrics")
let nioCore: Target.Dependency = .product(name: "NIOCore", package: "swift-nio")
let signals: Target.Dependency = .product(name: "UnixSignals", package: "swift-service-lifecycle")

/// What every service with a schema stands on.
let backend: [Target.Dependency] = [
    "Contracts", "Messaging", "Persistence", "Postgres", "Primitives", "ServiceKit", configuration, crypto, lifecycle,
    logging,
]

let package = Package(
    name: "orderline",
    // What `Mutex` and the client's typed errors want; the services run on Linux.
    platforms: [.macOS(.v15), .iOS(.v18), .tvOS(.v18), .watchOS(.v11), .visionOS(.v2)],
    products: [
        .library(name: "OrderlineClient", targets: ["OrderlineClient"]),
        .executable(name: "auth", targets: ["AuthMain"]),
        .executable(name: "orders", targets: ["OrdersMain"]),
        .executable(name: "chat", targets: ["ChatMain"]),
        .executable(name: "gateway", targets: ["GatewayMain"]),
        .executable(name: "provision", targets: ["Provision"]),
        .executable(name: "demo", targets: ["Demo"]),
        .executable(name: "localstack", targets: ["LocalStackCommand"]),
        .executable(name: "load", targets: ["Load"]),
        .executable(name: "limits", targets: ["Limits"]),
        .executable(name: "client-probe", targets: ["ClientProbe"]),
        .executable(name: "conformance-server", targets: ["ConformanceServer"]),
    ],
    // Every package that is resolved, at exactly one version: the same sources today and next year. A test holds this
    // list against Package.resolved.
    dependencies: [
        .package(url: "https://github.com/hummingbird-project/hummingbird", exact: "2.28.1"),
        .package(url: "https://github.com/apple/swift-nio", exact: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-extras", exact: "1.35.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", exact: "2.37.6"),
        .package(url: "https://github.com/apple/swift-http-types", exact: "1.8.0"),
        .package(url: "https://github.com/apple/swift-collections", exact: "1.6.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", exact: "2.13.0"),
        .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
        .package(url: "https://github.com/apple/swift-metrics", exact: "2.13.0"),
        .package(url: "https://github.com/apple/swift-configuration", exact: "1.4.0"),
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
        .package(url: "https://github.com/apple/swift-crypto", exact: "4.5.2"),
        .package(url: "https://github.com/HdrHistogram/hdrhistogram-swift", exact: "0.2.0"),
        .package(url: "https://github.com/vapor/jwt-kit", exact: "5.7.1"),
        .package(url: "https://github.com/swift-server/async-http-client.git", exact: "1.37.0"),
        // Only what the others stand on; named by no target of ours.
        .package(url: "https://github.com/apple/swift-algorithms.git", exact: "1.2.1"),
        .package(url: "https://github.com/apple/swift-asn1.git", exact: "1.7.4"),
        .package(url: "https://github.com/apple/swift-async-algorithms.git", exact: "1.1.4"),
        .package(url: "https://github.com/apple/swift-atomics.git", exact: "1.3.0"),
        .package(url: "https://github.com/apple/swift-certificates.git", exact: "1.21.1"),
        .package(url: "https://github.com/apple/swift-distributed-tracing.git", exact: "1.7.3"),
        .package(url: "https://github.com/apple/swift-http-structured-headers.git", exact: "1.7.0"),
        .package(url: "https://github.com/apple/swift-nio-http2.git", exact: "1.46.0"),
        .package(url: "https://github.com/apple/swift-nio-transport-services.git", exact: "1.28.0"),
        .package(url: "https://github.com/apple/swift-numerics", exact: "1.1.1"),
        .package(url: "https://github.com/apple/swift-service-context.git", exact: "1.5.1"),
        .package(url: "https://github.com/apple/swift-system", exact: "1.8.1"),
    ],
    targets: [
        // C libraries: a module map and a header each, one importer each.
        .systemLibrary(name: "CLibpq", path: "Shared/CLibpq", pkgConfig: "libpq"),
        .systemLibrary(name: "CNats", path: "Shared/CNats", pkgConfig: "libnats"),
        .systemLibrary(name: "CArgon2", path: "Shared/CArgon2", pkgConfig: "libargon2"),
        .systemLibrary(name: "CZlib", path: "Shared/CZlib", pkgConfig: "zlib"),

        // Shared: ARCHITECTURE.md says what may depend on what.
        .target(name: "Primitives", path: "Shared/Primitives", swiftSettings: strict),
        .target(name: "Threads", path: "Shared/Threads", swiftSettings: strict),
        .target(
            name: "Logs", dependencies: ["Primitives", "Threads", logging], path: "Shared/Logs", swiftSettings: strict),
        .target(
            name: "Messaging", dependencies: ["Primitives", lifecycle, logging], path: "Shared/Messaging",
            swiftSettings: strict),
        .target(
            name: "MemoryTransport", dependencies: ["Messaging", lifecycle], path: "Shared/MemoryTransport",
            swiftSettings: strict),
        .target(
            name: "Contracts", dependencies: ["Messaging", "Primitives"], path: "Shared/Contracts",
            swiftSettings: strict),
        .target(
            name: "Postgres", dependencies: ["CLibpq", "Primitives", "Threads", deque, logging, lifecycle, crypto],
            path: "Shared/Postgres",
            swiftSettings: strict),
        .target(
            name: "Persistence",
            dependencies: ["Messaging", "Postgres", "Primitives", "Threads", crypto, lifecycle, logging],
            path: "Shared/Persistence", swiftSettings: strict),
        .target(
            name: "NATSTransport",
            dependencies: ["CNats", "Messaging", "Primitives", "Threads", deque, logging, lifecycle],
            path: "Shared/NATSTransport",
            swiftSettings: strict),
        .target(
            name: "HTTPServer",
            dependencies: [
                "Primitives", "Threads", httpTypes, hummingbird, lifecycle, logging, nioCore,
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "NIOExtras", package: "swift-nio-extras"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ],
            path: "Shared/HTTPServer", swiftSettings: strict),
        .target(
            name: "SocketServer",
            dependencies: [
                "HTTPServer", "Primitives", "Threads", crypto, deque, httpTypes, lifecycle, nioCore,
                .product(name: "NIOWebSocket", package: "swift-nio"),
            ],
            path: "Shared/SocketServer", swiftSettings: strict),
        .target(
            name: "ServiceKit",
            dependencies: [
                "HTTPServer", "Logs", "Messaging", "NATSTransport", "Persistence", "Postgres", "Primitives", "Threads",
                configuration, hummingbird, httpTypes, lifecycle, logging, metrics, coreMetrics, nioCore, signals,
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ],
            path: "Shared/ServiceKit", swiftSettings: strict),

        // Services: each stands on Shared, never on another service.
        .target(
            name: "AuthService", dependencies: backend + ["CArgon2", "Threads", jwtKit], path: "Services/Auth/Service",
            resources: [
                .embedInCode("Migrations/V0001_auth.sql"), .embedInCode("Migrations/V0002_changed_at.sql"),
                .embedInCode("Migrations/V0003_folding.sql"), .embedInCode("Migrations/V0004_sessions_and_keys.sql"),
                .embedInCode("Migrations/V0005_credentials.sql"),
            ], swiftSettings: strict),
        .executableTarget(
            name: "AuthMain", dependencies: ["AuthService", "Contracts", "Logs", "ServiceKit", argumentParser],
            path: "Services/Auth/Main",
            swiftSettings: strict),
        .target(
            name: "OrdersService", dependencies: backend, path: "Services/Orders/Service",
            resources: [
                .embedInCode("Migrations/V0001_orders.sql"), .embedInCode("Migrations/V0002_parked_by_id.sql"),
                .embedInCode("Migrations/V0003_folding.sql"), .embedInCode("Migrations/V0004_folded_search.sql"),
                .embedInCode("Migrations/V0005_history_append_only.sql"),
            ], swiftSettings: strict),
        .executableTarget(
            name: "OrdersMain", dependencies: ["OrdersService", "ServiceKit", argumentParser],
            path: "Services/Orders/Main",
            swiftSettings: strict),
        .target(
            name: "ChatService", dependencies: backend, path: "Services/Chat/Service",
            resources: [
                .embedInCode("Migrations/V0001_chat.sql"),
                .embedInCode("Migrations/V0002_messages_and_parked_by_id.sql"),
            ], swiftSettings: strict),
        .executableTarget(
            name: "ChatMain", dependencies: ["ChatService", "ServiceKit", argumentParser], path: "Services/Chat/Main",
            swiftSettings: strict),
        .target(
            name: "GatewayService",
            dependencies: [
                "CZlib", "Contracts", "HTTPServer", "Messaging", "NATSTransport", "Primitives", "ServiceKit",
                "SocketServer", "Threads", configuration, crypto, httpTypes, hummingbird,
                lifecycle, logging, metrics, nioCore,
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOWebSocket", package: "swift-nio"),
            ],
            path: "Services/Gateway/Service",
            resources: [
                .embedInCode("Web/Pages/docs.html"), .embedInCode("Web/Pages/docs.js"),
                .embedInCode("Web/Pages/events.html"), .embedInCode("Web/Pages/events.js"),
                .embedInCode("Web/Pages/guide.html"), .embedInCode("Web/Pages/guide.js"),
                .embedInCode("Web/Pages/pages.css"), .embedInCode("Web/Client/orderline.js"),
                .embedInCode("Web/Client/orderline.d.ts"), .embedInCode("Web/Console/account.js"),
                .embedInCode("Web/Console/alerts.js"), .embedInCode("Web/Console/closing.js"),
                .embedInCode("Web/Console/composer.js"), .embedInCode("Web/Console/connection.js"),
                .embedInCode("Web/Console/console.css"), .embedInCode("Web/Console/console.html"),
                .embedInCode("Web/Console/console.js"), .embedInCode("Web/Console/conversation.js"),
                .embedInCode("Web/Console/desk.js"), .embedInCode("Web/Console/dialog.js"),
                .embedInCode("Web/Console/dom.js"), .embedInCode("Web/Console/figures.js"),
                .embedInCode("Web/Console/filters.js"),
                .embedInCode("Web/Console/forms.js"), .embedInCode("Web/Console/history.js"),
                .embedInCode("Web/Console/kept.js"), .embedInCode("Web/Console/keys.js"),
                .embedInCode("Web/Console/order.js"), .embedInCode("Web/Console/outbox.js"),
                .embedInCode("Web/Console/orders.js"),
                .embedInCode("Web/Console/place.js"), .embedInCode("Web/Console/queue.js"),
                .embedInCode("Web/Console/router.js"), .embedInCode("Web/Console/signin.js"),
                .embedInCode("Web/Console/store.js"), .embedInCode("Web/Console/text.js"),
                .embedInCode("Web/Console/texts.js"), .embedInCode("Web/Console/theme.js"),
                .embedInCode("Web/Console/users.js"),
            ], swiftSettings: strict),
        .executableTarget(
            name: "GatewayMain", dependencies: ["GatewayService", "ServiceKit", argumentParser],
            path: "Services/Gateway/Main", swiftSettings: strict),

        // What front ends in Swift stand on: knows the public interface, and nothing of the services.
        .target(
            name: "OrderlineClient",
            dependencies: [
                asyncHTTPClient, nioCore,
                .product(name: "NIOHTTP1", package: "swift-nio"), .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "NIOWebSocket", package: "swift-nio"),
            ],
            path: "Clients/Swift", swiftSettings: strict),

        // Tools.
        .executableTarget(
            name: "Provision",
            dependencies: [
                "Contracts", "Messaging", "NATSTransport", "ServiceKit", argumentParser, configuration, lifecycle,
                logging,
                signals,
            ],
            path: "Tools/Provision",
            swiftSettings: strict),
        .executableTarget(
            name: "Demo",
            dependencies: ["OrderlineClient", argumentParser, .product(name: "NIOSSL", package: "swift-nio-ssl")],
            path: "Tools/Demo", swiftSettings: strict),
        .target(
            name: "LocalStack", dependencies: ["Logs", "Primitives"], path: "Tools/LocalStack/Stack",
            swiftSettings: strict),
        .executableTarget(
            name: "LocalStackCommand", dependencies: ["LocalStack", "Logs", argumentParser],
            path: "Tools/LocalStack/Main", swiftSettings: strict),
        .executableTarget(
            name: "Load",
            dependencies: [
                argumentParser, deque, nioCore, .product(name: "Histogram", package: "hdrhistogram-swift"),
                .product(name: "NIOHTTP1", package: "swift-nio"), .product(name: "NIOPosix", package: "swift-nio"),
            ],
            path: "Tools/Load", swiftSettings: strict),
        .executableTarget(
            name: "Limits",
            dependencies: [
                "CArgon2", argumentParser, httpTypes, hummingbird, logging, nioCore,
                .product(name: "NIOHTTP1", package: "swift-nio"), .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOWebSocket", package: "swift-nio"),
            ],
            path: "Tools/Limits", swiftSettings: strict),

        // Tests: one target for each module.
        .target(
            name: "TestKit",
            dependencies: ["Contracts", "Messaging", "NATSTransport", "Postgres", "Primitives", logging],
            path: "Tests/TestKit", swiftSettings: strict),
        .testTarget(
            name: "PostgresTests",
            dependencies: ["Postgres", "Primitives", "TestKit", "Threads", logging], path: "Tests/PostgresTests",
            swiftSettings: strict),
        .testTarget(
            name: "PersistenceTests",
            dependencies: [
                "MemoryTransport", "Messaging", "Persistence", "Postgres", "Primitives", "TestKit", lifecycle, logging,
            ],
            path: "Tests/PersistenceTests", swiftSettings: strict),
        .testTarget(
            name: "TransportTests",
            dependencies: [
                "Contracts", "MemoryTransport", "Messaging", "NATSTransport", "Primitives", "TestKit", lifecycle,
                logging,
                .product(name: "ServiceLifecycleTestKit", package: "swift-service-lifecycle"),
            ],
            path: "Tests/TransportTests",
            swiftSettings: strict),
        .testTarget(
            name: "AuthTests",
            dependencies: [
                "AuthService", "Contracts", "Messaging", "Persistence", "Postgres", "Primitives", "ServiceKit",
                "TestKit",
                configuration, jwtKit, logging,
            ],
            path: "Tests/AuthTests", swiftSettings: strict),
        .testTarget(
            name: "PrimitivesTests", dependencies: ["Primitives", "TestKit"], path: "Tests/PrimitivesTests",
            swiftSettings: strict),
        .testTarget(
            name: "ThreadsTests", dependencies: ["Threads"], path: "Tests/ThreadsTests", swiftSettings: strict),
        .testTarget(
            name: "LogsTests", dependencies: ["Logs", "TestKit", logging], path: "Tests/LogsTests",
            swiftSettings: strict),
        .testTarget(
            name: "MessagingTests",
            dependencies: ["MemoryTransport", "Messaging", "Primitives", "TestKit", lifecycle, logging],
            path: "Tests/MessagingTests", swiftSettings: strict),
        .testTarget(
            name: "ContractsTests",
            dependencies: ["Contracts", "Messaging", "NATSTransport", "Primitives", "TestKit", logging],
            path: "Tests/ContractsTests", exclude: ["Samples"], swiftSettings: strict),
        .testTarget(
            name: "OrdersTests", dependencies: backend + ["OrdersService", "TestKit"], path: "Tests/OrdersTests",
            swiftSettings: strict),
        .testTarget(
            name: "ChatTests", dependencies: backend + ["ChatService", "MemoryTransport", "TestKit"],
            path: "Tests/ChatTests", swiftSettings: strict),
        .testTarget(
            name: "HTTPServerTests",
            dependencies: [
                "HTTPServer", "Primitives", "TestKit", httpTypes, hummingbird, logging, nioCore,
                .product(name: "NIOEmbedded", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ],
            path: "Tests/HTTPServerTests", swiftSettings: strict),
        .testTarget(
            name: "GatewayTests",
            dependencies: [
                "GatewayService", "Contracts", "HTTPServer", "MemoryTransport", "Messaging", "Primitives", "ServiceKit",
                "SocketServer", "TestKit", configuration, httpTypes, hummingbird, jwtKit, lifecycle, logging, nioCore,
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "HummingbirdTesting", package: "hummingbird"),
                .product(name: "NIOEmbedded", package: "swift-nio"),
                .product(name: "NIOWebSocket", package: "swift-nio"),
            ],
            path: "Tests/GatewayTests", swiftSettings: strict),
        .testTarget(
            name: "OrderlineClientTests", dependencies: ["OrderlineClient"], path: "Tests/OrderlineClientTests",
            swiftSettings: strict),
        .executableTarget(
            name: "ClientProbe",
            dependencies: ["OrderlineClient", .product(name: "NIOSSL", package: "swift-nio-ssl")],
            path: "Tests/ClientProbe", swiftSettings: strict),
        .executableTarget(
            name: "ConformanceServer",
            dependencies: [
                "HTTPServer", "Primitives", "SocketServer", argumentParser, httpTypes, hummingbird, lifecycle, logging,
                nioCore, signals,
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOWebSocket", package: "swift-nio"),
            ],
            path: "Tests/ConformanceServer", swiftSettings: strict),
        .testTarget(
            name: "SocketServerTests",
            dependencies: [
                "HTTPServer", "Primitives", "SocketServer", "TestKit", httpTypes, nioCore,
                .product(name: "NIOEmbedded", package: "swift-nio"),
                .product(name: "NIOWebSocket", package: "swift-nio"),
            ],
            path: "Tests/SocketServerTests", swiftSettings: strict),
        .testTarget(
            name: "ServiceKitTests",
            dependencies: [
                "Logs", "Messaging", "Postgres", "ServiceKit", "TestKit", configuration, coreMetrics, lifecycle,
                logging, metrics,
            ],
            path: "Tests/ServiceKitTests", swiftSettings: strict),
        .testTarget(
            name: "SystemTests",
            dependencies: backend + [
                "AuthService", "ChatService", "GatewayService", "MemoryTransport", "OrdersService", "TestKit",
                httpTypes,
                hummingbird, nioCore, .product(name: "HummingbirdTesting", package: "hummingbird"),
            ],
            path: "Tests/SystemTests", swiftSettings: strict),
        .testTarget(
            name: "LocalStackTests", dependencies: ["LocalStack", "TestKit"], path: "Tests/LocalStackTests",
            swiftSettings: strict),
        .testTarget(
            name: "ProjectTests",
            dependencies: [
                "AuthService", "ChatService", "Contracts", "GatewayService", "LocalStack", "Messaging", "NATSTransport",
                "OrdersService", "Primitives", "Provision", "ServiceKit", configuration, httpTypes, logging,
            ],
            path: "Tests/ProjectTests", swiftSettings: strict),
    ]
)

// The thread sanitizer cannot see the standard library's mutex: `bin/test --sanitize` builds a copy of the sources that
// imports this module in its place.
if Context.environment["ORDERLINE_SANITIZE"] != nil {
    let kinds: [Target.TargetType] = [.regular, .executable, .test]
    for target in package.targets where kinds.contains(target.type) {
        target.dependencies.append("SanitizerSynchronization")
    }
    package.targets.append(
        .target(name: "SanitizerSynchronization", path: "Tests/Sanitizer", sources: ["Mutex.swift"]))
}
