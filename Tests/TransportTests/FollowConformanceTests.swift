import MemoryTransport
import Messaging
import ServiceLifecycleTestKit
import TestKit
import Testing

/// What every transport promises about following the stream.
@Suite(.bounded)
struct FollowConformanceTests {
    @Test("A follower gets every event from its start on, of every subject, in order", arguments: TransportKind.all)
    func follow(kind: TransportKind) async throws {
        try await withTransports(kind, 2) { transports in
            try await appendNumbers(0..<5, to: "orders.event.created", by: transports[0])
            let seen = [Recorder<Followed>(), Recorder<Followed>()]
            try await during {
                try await transports[0].follow { seen[0].record(Followed($0)) }
            } _: {
                try await during {
                    try await transports[1].follow { seen[1].record(Followed($0)) }
                } _: {
                    try await seen[0].wait(for: 1)
                    try await seen[1].wait(for: 1)
                    for number in 5..<300 {
                        let subject = ["auth", "orders", "chat"][number % 3] + ".event.x"
                        try await appendNumbers(number..<number + 1, to: subject, by: transports[0])
                    }
                    for recorder in seen {
                        #expect(try await recorder.wait(for: 296) == [.ready] + (5..<300).map { Followed.event($0) })
                    }
                }
            }
        }
    }

    @Test("A follower of an empty stream gets the first event", arguments: TransportKind.all)
    func empty(kind: TransportKind) async throws {
        try await withTransports(kind, 1) { transports in
            let seen = Recorder<Followed>()
            try await during {
                try await transports[0].follow { seen.record(Followed($0)) }
            } _: {
                try await seen.wait(for: 1)
                try await appendNumbers(1..<2, to: "auth.event.x", by: transports[0])
                #expect(try await seen.wait(for: 2) == [.ready, .event(1)])
            }
        }
    }

    @Test("Following ends with a graceful shutdown", arguments: TransportKind.all)
    func gracefulShutdown(kind: TransportKind) async throws {
        try await withTransports(kind, 1) { transports in
            try await testGracefulShutdown { trigger in
                try await withThrowingTaskGroup(of: Void.self) { group in
                    let seen = Recorder<Followed>()
                    group.addTask { try await transports[0].follow { seen.record(Followed($0)) } }
                    try await seen.wait(for: 1)
                    trigger.triggerGracefulShutdown()
                    try await group.waitForAll()
                }
            }
        }
    }

    @Test("In memory, a follower is told when the stream was replaced, rolled back or trimmed past it")
    func memoryGaps() async throws {
        let hub = MemoryHub()
        let transport = MemoryTransport(hub: hub)
        let seen = Recorder<Followed>()
        try await during {
            try await transport.follow { seen.record(Followed($0)) }
        } _: {
            try await seen.wait(for: 1)
            try await appendNumbers(0..<3, to: "auth.event.x", by: transport)
            try await seen.wait(for: 4)
            hub.replaceStream()
            try await appendNumbers(3..<4, to: "auth.event.x", by: transport)
            #expect(try await seen.wait(for: 6).suffix(2) == [.gap, .event(3)])
            hub.rollStreamBack(to: 0)
            try await seen.wait(for: 7)
            transport.setLink(up: false)
            hub.addConsumer("x", filter: "auth.event.>")
            transport.setLink(up: true)
            try await appendNumbers(4..<5, to: "auth.event.x", by: transport)
            #expect(try await seen.wait(for: 8).suffix(2) == [.gap, .event(4)])
        }
    }
}

/// `FollowedEvent` for comparing; events by the number they carry.
enum Followed: Equatable, Sendable {
    case ready
    case event(Int)
    case gap

    init(_ event: FollowedEvent) {
        switch event {
        case .ready: self = .ready
        case .event(let event): self = .event(event.message.number)
        case .gap: self = .gap
        }
    }
}
