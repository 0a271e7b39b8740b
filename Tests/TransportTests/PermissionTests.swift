import Foundation
import Messaging
import TestKit
import Testing

@testable import NATSTransport

/// What `Deploy/nats-server.conf` lets each process do, and what not.
@Suite(.bounded)
struct PermissionTests {
    private static let passwords = [
        "NATS_AUTH_PASSWORD": "a1", "NATS_ORDERS_PASSWORD": "o1", "NATS_CHAT_PASSWORD": "c1",
        "NATS_GATEWAY_PASSWORD": "g1", "NATS_PROVISION_PASSWORD": "p1",
    ]

    private struct Processes: Sendable {
        var auth, orders, chat, gateway: NATSTransport
    }

    /// Runs the server with the real configuration, provisions it, and connects one transport for each process.
    private func withProcesses(_ body: @Sendable (Processes) async throws -> Void) async throws {
        let configuration = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("Deploy/nats-server.conf").path
        try await NATSServerProcess.withServer(configuration: configuration, environment: Self.passwords) { server in
            let processes = Processes(
                auth: server.transport(user: "auth", password: "a1"),
                orders: server.transport(user: "orders", password: "o1"),
                chat: server.transport(user: "chat", password: "c1"),
                gateway: server.transport(user: "gateway", password: "g1"))
            let provision = server.transport(user: "provision", password: "p1")
            try await withRunning([processes.auth, processes.orders, processes.chat, processes.gateway, provision]) {
                try await Provisioner(transport: provision).provision()
                try await Provisioner(transport: provision).provision()
                #expect(try await Provisioner(transport: provision).repair() == false)
                #expect(provision.statistics.permissionViolations == 0)
                try await body(processes)
            }
        }
    }

    @Test("Each process may do what it needs")
    func allowed() async throws {
        try await withProcesses { processes in
            let (auth, orders, chat, gateway) = (processes.auth, processes.orders, processes.chat, processes.gateway)
            let echo: @Sendable (String, Envelope) async -> Envelope = { _, request in request }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for (service, name) in [(auth, "auth"), (orders, "orders"), (chat, "chat")] {
                    group.addTask {
                        try await service.serve(
                            ["\(name).lookup", "\(name).facts"], queue: name, limit: 10, refusal: Envelope(),
                            handler: echo)
                    }
                }
                let calls: [(NATSTransport, String)] = [
                    (gateway, "auth.lookup"), (gateway, "orders.lookup"), (gateway, "chat.lookup"),
                    (chat, "orders.lookup"), (chat, "orders.facts"), (orders, "chat.facts"),
                ]
                for (caller, subject) in calls {
                    try await eventually("\(subject) is answered") {
                        (try? await caller.request(subject, .number(1), timeout: .seconds(1))) == .number(1)
                    }
                }
                let consumed = Recorder<String>()
                let followed = Recorder<Followed>()
                let signals = Recorder<Int>()
                for (service, consumer) in [
                    (orders, "orders-from-chat"), (orders, "orders-from-auth"), (chat, "chat-from-orders"),
                    (chat, "chat-from-auth"),
                ] {
                    group.addTask {
                        try await service.consume(consumer, concurrency: 2) { event in
                            consumed.record("\(consumer) \(event.subject) \(event.delivery)")
                            return event.delivery == 1 ? .again(after: .milliseconds(50)) : .done
                        }
                    }
                }
                group.addTask { try await gateway.follow { followed.record(Followed($0)) } }
                _ = try await gateway.subscribe("live.room.1") { _, message in signals.record(message.number) }
                try await gateway.settle(by: "auth.nobody")
                try await followed.wait(for: 1)
                for (service, name) in [(auth, "auth"), (orders, "orders"), (chat, "chat")] {
                    _ = try await service.append(
                        "\(name).event.x", id: name, .number(1), timeout: .seconds(5).slackened)
                }
                try await followed.wait(for: 4)
                try await consumed.wait(for: 8)
                try chat.publish("live.room.1", .number(1))
                try gateway.publish("live.room.1", .number(2))
                try await signals.wait(for: 2)
                group.cancelAll()
                try await group.waitForAll()
            }
            for process in [auth, orders, chat, gateway] {
                #expect(process.statistics.permissionViolations == 0)
                #expect(process.statistics.errors == 0)
            }
        }
    }

    @Test("No process may do what only another should")
    func forbidden() async throws {
        try await withProcesses { processes in
            let (auth, orders, chat, gateway) = (processes.auth, processes.orders, processes.chat, processes.gateway)
            let handled = Recorder<String>()
            try await during {
                try await orders.serve(["orders.create"], queue: "orders", limit: 10, refusal: Envelope()) {
                    subject, request in
                    handled.record(subject)
                    return request
                }
            } _: {
                try await gateway.waitUntilServed("orders.create")
                let count = handled.count
                let attempts: [(NATSTransport, String)] = [
                    (chat, "orders.create"), (auth, "orders.create"), (auth, "chat.send"), (orders, "auth.login"),
                    (orders, "live.room.1"), (chat, "orders.event.created"), (orders, "chat.event.room-closed"),
                    (gateway, "auth.event.session-ended"), (gateway, "$JS.API.STREAM.DELETE.EVENTS"),
                    (chat, "$JS.API.CONSUMER.MSG.NEXT.EVENTS.orders-from-chat"),
                    (chat, "$JS.ACK.EVENTS.orders-from-chat.1.1.1.1.0"), (chat, "$JS.API.STREAM.PURGE.EVENTS"),
                    (orders, "_INBOX.auth.x"), (auth, "$JS.API.CONSUMER.DURABLE.CREATE.EVENTS.x"),
                ]
                for (process, subject) in attempts {
                    let before = process.statistics.permissionViolations
                    try process.publish(subject, Envelope())
                    try await eventually("\(subject) is refused") {
                        process.statistics.permissionViolations == before + 1
                    }
                }
                #expect(handled.count == count)
                for (process, subject) in [
                    (chat, "orders.*"), (auth, "_INBOX.gateway.>"), (gateway, "auth.*"), (orders, ">"),
                ] {
                    let before = process.statistics.permissionViolations
                    _ = try await process.subscribe(subject) { _, _ in }
                    try await eventually("\(subject) is refused") {
                        process.statistics.permissionViolations == before + 1
                    }
                }
            }
        }
    }
}
