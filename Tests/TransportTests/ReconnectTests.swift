import Foundation
import Messaging
import TestKit
import Testing

@testable import NATSTransport

/// What a process does when the server goes and comes back.
@Suite(.bounded)
struct ReconnectTests {
    @Test("Before the first connection requests, signals and events are refused, and the rest waits for it")
    func beforeConnection() async throws {
        try await NATSServerProcess.withServer { server in
            server.signal(SIGKILL)
            let transport = server.transport()
            let served = Recorder<String>()
            let followed = Recorder<Followed>()
            let signals = Recorder<Int>()
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await transport.run() }
                group.addTask {
                    try await transport.serve(["chat.x"], queue: "q", limit: 10, refusal: Envelope()) {
                        subject, request in
                        served.record(subject)
                        return request
                    }
                }
                group.addTask { try await transport.follow { followed.record(Followed($0)) } }
                group.addTask {
                    _ = try await transport.subscribe("live.x") { _, message in signals.record(message.number) }
                }
                await #expect(throws: TransportError.disconnected) {
                    try await transport.request("chat.x", Envelope(), timeout: .seconds(5).slackened)
                }
                await #expect(throws: TransportError.disconnected) {
                    try await transport.append("chat.event.x", id: "1", Envelope(), timeout: .seconds(5).slackened)
                }
                #expect(throws: TransportError.disconnected) { try transport.publish("live.x", Envelope()) }
                try server.start()
                try await eventually("it is connected") { transport.isConnected }
                _ = try await transport.request("chat.x", Envelope(), timeout: .seconds(5).slackened)
                #expect(served.all == ["chat.x"])
                try await Provisioner(transport: transport).provision()
                try await followed.wait(for: 1)
                try await eventually("the subscription is made") {
                    (try? transport.publish("live.x", .number(1))) != nil && signals.count > 0
                }
                group.cancelAll()
                try await group.waitForAll()
            }
        }
    }

    @Test("When the server is killed every outstanding request fails at once, and later ones too until it is back")
    func outstandingRequests() async throws {
        try await NATSServerProcess.withServer { server in
            let (service, caller) = (server.transport(), server.transport())
            let changes = Recorder<Bool>()
            caller.onLinkChange { changes.record($0) }
            try await withRunning([service, caller]) {
                let door = Door()
                try await serving(service, ["chat.slow"]) { _, request in
                    if !request.payload.isEmpty { await door.wait() }
                    return request
                } during: {
                    try await caller.waitUntilServed("chat.slow")
                    let failures = Recorder<TransportError>()
                    try await withThrowingTaskGroup(of: Void.self) { group in
                        for _ in 0..<50 {
                            group.addTask {
                                do throws(TransportError) {
                                    _ = try await caller.request(
                                        "chat.slow", .number(1), timeout: .seconds(60).slackened)
                                } catch {
                                    failures.record(error)
                                }
                            }
                        }
                        try await eventually("all are being handled") { door.waitingCount == 50 }
                        server.signal(SIGKILL)
                        try await failures.wait(for: 50, within: .seconds(1))
                        try await group.waitForAll()
                    }
                    #expect(failures.all.allSatisfy { $0 == .disconnected })
                    await #expect(throws: TransportError.disconnected) {
                        try await caller.request("chat.slow", Envelope(), timeout: .seconds(5).slackened)
                    }
                    door.open()
                    try server.start()
                    try await caller.waitUntilServed("chat.slow")
                    #expect(changes.all == [true, false, true])
                    #expect(caller.statistics.reconnects == 1)
                    #expect(caller.statistics.outstandingRequests == 0)
                }
            }
        }
    }

    @Test("Nothing published during an outage is sent after it")
    func nothingStale() async throws {
        try await NATSServerProcess.withServer { server in
            let (listener, sender) = (server.transport(), server.transport())
            try await withRunning([listener, sender]) {
                let received = Recorder<Int>()
                _ = try await listener.subscribe("live.x") { _, message in received.record(message.number) }
                try await settle([listener])
                try sender.publish("live.x", .number(0))
                try await received.wait(for: 1)
                server.signal(SIGKILL)
                try await eventually("the loss is known") { !sender.isConnected && !listener.isConnected }
                for number in 1..<100 {
                    #expect(throws: TransportError.disconnected) { try sender.publish("live.x", .number(number)) }
                }
                try server.start()
                try await eventually("both are back") { sender.isConnected && listener.isConnected }
                try sender.publish("live.x", .number(100))
                #expect(try await received.wait(for: 2) == [0, 100])
            }
        }
    }

    @Test("Ten thousand subscriptions come back after a restart, and need no thread each")
    func manySubscriptions() async throws {
        try await NATSServerProcess.withServer { server in
            let (listener, sender) = (server.transport(), server.transport())
            try await withRunning([listener, sender]) {
                let received = Recorder<String>()
                for number in 0..<10_000 {
                    _ = try await listener.subscribe("live.room.\(number)") { subject, _ in received.record(subject) }
                }
                let threads = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/task").count
                #expect(threads < 500)
                server.signal(SIGKILL)
                try await eventually("the loss is known") { !sender.isConnected && !listener.isConnected }
                try server.start()
                try await eventually("both are back") { sender.isConnected && listener.isConnected }
                try await settle([listener])
                for number in 0..<10_000 { try sender.publish("live.room.\(number)", Envelope()) }
                let subjects = try await received.wait(for: 10_000)
                #expect(Set(subjects).count == 10_000)
            }
        }
    }

    @Test("A malformed subject is refused, and does not harm the link", arguments: ["", "a b", "a\r\nPUB b 0", "a\tb"])
    func malformedSubject(subject: String) async throws {
        try await NATSServerProcess.withServer { server in
            let transport = server.transport()
            try await withRunning([transport]) {
                let refusal = TransportError.failed("malformed subject")
                #expect(throws: refusal) { try transport.publish(subject, Envelope()) }
                await #expect(throws: refusal) {
                    try await transport.request(subject, Envelope(), timeout: .seconds(5).slackened)
                }
                await #expect(throws: refusal) {
                    _ = try await transport.append(subject, id: "1", Envelope(), timeout: .seconds(5).slackened)
                }
                await #expect(throws: refusal) { _ = try await transport.subscribe(subject) { _, _ in } }
                await #expect(throws: refusal) {
                    try await transport.serve(["chat.x", subject], queue: "q", limit: 1, refusal: Envelope()) { $1 }
                }
                try await settle([transport])
                #expect(transport.statistics.reconnects == 0)
            }
        }
    }

    @Test("Stopping sends what was published just before")
    func stopFlushes() async throws {
        try await NATSServerProcess.withServer { server in
            let (listener, sender) = (server.transport(), server.transport())
            let received = Recorder<Int>()
            try await withRunning([listener]) {
                _ = try await listener.subscribe("live.x") { _, message in received.record(message.number) }
                try await settle([listener])
                try await withRunning([sender]) {
                    for number in 0..<5000 { try sender.publish("live.x", .number(number)) }
                }
                #expect(try await received.wait(for: 5000) == Array(0..<5000))
            }
        }
    }

    @Test("Messages dropped because a handler is too slow are counted")
    func slowConsumer() async throws {
        try await NATSServerProcess.withServer { server in
            let (listener, sender) = (server.transport(), server.transport())
            try await withRunning([listener, sender]) {
                let isBlocked = DispatchSemaphore(value: 0)
                _ = try await listener.subscribe("live.x") { _, _ in isBlocked.wait() }
                try await settle([listener])
                // The library keeps 65,536 messages of one subscription.
                for number in 0..<70_000 { try sender.publish("live.x", .number(number)) }
                try await eventually("the drop is counted") { listener.statistics.slowConsumers > 0 }
                for _ in 0..<70_000 { isBlocked.signal() }
            }
        }
    }
}
