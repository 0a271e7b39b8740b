// swift-tools-version:6.2
import PackageDescription

let strict: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]

let hummingbird: Target.Dependency = .product(name: "Hummingbird", package: "hummingbird")
let lifecycle: Target.Dependency = .product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let signals: Target.Dependency = .product(name: "UnixSignals", package: "swift-service-lifecycle")
let systemPackage: Target.Dependency = .product(name: "SystemPackage", package: "swift-system")
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let httpTypes: Target.Dependency = .product(name: "HTTPTypes", package: "swift-http-types")
let coreMetrics: Target.Dependency = .product(name: "CoreMetrics", package: "swift-metrics")
let metrics: Target.Dependency = .product(name: "Metrics", package: "swift-metrics")
let configuration: Target.Dependency = .product(name: "Configuration", package: "swift-configuration")
let argumentParser: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")
let crypto: Target.Dependency = .product(name: "Crypto", package: "swift-crypto")
let jwtKit: Target.Dependency = .product(name: "JWTKit", package: "jwt-kit")

let package = Package(
    name: "orderline",
    platforms: [.macOS(.v15)],
    products: [
        .executable(name: "orders", targets: ["OrdersMain"]),
        .executable(name: "chat", targets: ["ChatMain"]),
    ],
    dependencies: [
        .package(url: "https://github.com/hummingbird-project/hummingbird", .upToNextMinor(from: "2.28.1")),
        .package(url: "https://github.com/apple/swift-nio", .upToNextMinor(from: "2.101.2")),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", .upToNextMinor(from: "2.13.0")),
        .package(url: "https://github.com/apple/swift-log", .upToNextMinor(from: "1.16.2")),
        .package(url: "https://github.com/apple/swift-metrics", .upToNextMinor(from: "2.13.0")),
        .package(url: "https://github.com/apple/swift-configuration", .upToNextMinor(from: "1.4.0")),
        .package(url: "https://github.com/apple/swift-argument-parser", .upToNextMinor(from: "1.8.2")),
        .package(url: "https://github.com/apple/swift-crypto", .upToNextMinor(from: "4.5.2")),
        .package(url: "https://github.com/apple/swift-http-types", .upToNextMinor(from: "1.8.0")),
        .package(url: "https://github.com/apple/swift-system", .upToNextMinor(from: "1.8.1")),
        .package(url: "https://github.com/vapor/jwt-kit", .upToNextMinor(from: "5.7.1")),
    ],
    targets: [
        // C libraries: a module map and a header each, one importer each.
        .systemLibrary(name: "CLibpq", path: "Shared/CLibpq", pkgConfig: "libpq"),
        .systemLibrary(name: "CNats", path: "Shared/CNats", pkgConfig: "libnats"),
        .systemLibrary(name: "CArgon2", path: "Shared/CArgon2", pkgConfig: "libargon2"),

        // Shared: see ARCHITECTURE.md for what may depend on what.
        .target(name: "Primitives", path: "Shared/Primitives", swiftSettings: strict),
        .target(name: "Messaging", dependencies: ["Primitives", logging], path: "Shared/Messaging", swiftSettings: strict),
        .target(name: "Contracts", dependencies: ["Messaging", "Primitives"], path: "Shared/Contracts", swiftSettings: strict),
        .target(
            name: "Postgres", dependencies: ["CLibpq", "Messaging", "Primitives", logging, lifecycle, crypto], path: "Shared/Postgres",
            swiftSettings: strict),
        .target(
            name: "NATSTransport", dependencies: ["CNats", "Messaging", "Primitives", logging, lifecycle], path: "Shared/NATSTransport",
            swiftSettings: strict),
        .target(
            name: "ServiceKit",
            dependencies: [
                "Messaging", "NATSTransport", "Postgres", "Primitives", configuration, hummingbird, httpTypes, lifecycle, logging, metrics,
                coreMetrics, signals, systemPackage,
            ],
            path: "Shared/ServiceKit", swiftSettings: strict),

        // Services: each depends on Shared, never on another service.
        .target(
            name: "OrdersService",
            dependencies: ["Contracts", "Messaging", "Postgres", "Primitives", "ServiceKit", configuration, crypto, logging],
            path: "Services/Orders/Service", resources: [.embedInCode("Migrations/V0001_orders.sql")], swiftSettings: strict),
        .executableTarget(
            name: "OrdersMain", dependencies: ["OrdersService", "ServiceKit", argumentParser], path: "Services/Orders/Main",
            swiftSettings: strict),
        .target(
            name: "ChatService",
            dependencies: ["Contracts", "Messaging", "Postgres", "Primitives", "ServiceKit", configuration, crypto, logging],
            path: "Services/Chat/Service", resources: [.embedInCode("Migrations/V0001_chat.sql")], swiftSettings: strict),
        .executableTarget(
            name: "ChatMain", dependencies: ["ChatService", "ServiceKit", argumentParser], path: "Services/Chat/Main",
            swiftSettings: strict),
    ]
)
