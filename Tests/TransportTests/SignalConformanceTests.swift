import Messaging
import TestKit
import Testing

/// What every transport promises about signals.
@Suite(.bounded)
struct SignalConformanceTests {
    @Test("Signals arrive in order at every listener whose pattern fits", arguments: TransportKind.all)
    func order(kind: TransportKind) async throws {
        try await withTransports(kind, 3) { transports in
            let exact = Recorder<Int>()
            let token = Recorder<Int>()
            let rest = Recorder<String>()
            let other = Recorder<Int>()
            let subscriptions = [
                try await transports[0].subscribe("live.room.1") { _, message in exact.record(message.number) },
                try await transports[0].subscribe("live.*.1") { _, message in token.record(message.number) },
                try await transports[1].subscribe("live.>") { subject, _ in rest.record(subject) },
                try await transports[1].subscribe("live.room.2") { _, message in other.record(message.number) },
            ]
            try await settle(transports)
            for number in 0..<1000 { try transports[2].publish("live.room.1", .number(number)) }
            #expect(try await exact.wait(for: 1000) == Array(0..<1000))
            #expect(try await token.wait(for: 1000) == Array(0..<1000))
            #expect(try await rest.wait(for: 1000).allSatisfy { $0 == "live.room.1" })
            #expect(other.count == 0)
            for subscription in subscriptions { await subscription.cancel() }
        }
    }

    @Test("Headers of a signal arrive unchanged", arguments: TransportKind.all)
    func headers(kind: TransportKind) async throws {
        try await withTransports(kind, 2) { transports in
            let received = Recorder<Envelope>()
            _ = try await transports[0].subscribe("live.x") { _, message in received.record(message) }
            try await settle(transports)
            let envelope = Envelope(headers: [.init("origin", "g-1"), .init("kind", "typing")], payload: [1, 0, 200])
            try transports[1].publish("live.x", envelope)
            #expect(try await received.wait(for: 1) == [envelope])
        }
    }

    @Test("After cancelling nothing is handed to the handler any more", arguments: TransportKind.all)
    func cancel(kind: TransportKind) async throws {
        try await withTransports(kind, 2) { transports in
            let received = Recorder<Int>()
            let control = Recorder<Int>()
            _ = try await transports[0].subscribe("live.x") { _, message in control.record(message.number) }
            for round in 0..<20 {
                let subscription = try await transports[0].subscribe("live.x") { _, message in
                    received.record(message.number)
                }
                try await settle(transports)
                for number in 0..<50 { try transports[1].publish("live.x", .number(number)) }
                await subscription.cancel()
                let count = received.count
                try transports[1].publish("live.x", .number(50))
                try await control.wait(for: (round + 1) * 51)
                #expect(received.count == count)
            }
        }
    }

    @Test("A subscription is in force before a request made after it", arguments: TransportKind.all)
    func interestBeforeRequest(kind: TransportKind) async throws {
        try await withTransports(kind, 2) { transports in
            try await serving(transports[1], ["chat.join"]) { _, request in
                // What the chat service does: it publishes on a room's subject as soon as it is asked about the room.
                try? transports[1].publish(String(decoding: request.payload, as: UTF8.self), request)
                return request
            } during: {
                let received = Recorder<String>()
                for number in 1...100 {
                    _ = try await transports[0].subscribe("live.room.\(number)") { subject, _ in
                        received.record(subject)
                    }
                    let envelope = Envelope(payload: Array("live.room.\(number)".utf8))
                    _ = try await transports[0].request("chat.join", envelope, timeout: .seconds(5).slackened)
                    #expect(try await received.wait(for: number).last == "live.room.\(number)")
                }
            }
        }
    }
}

/// Waits until the server has the interest of every transport.
func settle(_ transports: [any Transport]) async throws {
    for transport in transports { try await transport.settle() }
}

extension Envelope {
    static func number(_ number: Int) -> Envelope { Envelope(payload: Array(String(number).utf8)) }

    var number: Int { Int(String(decoding: payload, as: UTF8.self)) ?? -1 }
}
