import Foundation
import Messaging
import Primitives
import TestKit
import Testing

@testable import NATSTransport

/// What consumers and followers of the stream do when the server goes, comes back, or comes back without its data.
@Suite(.bounded)
struct StreamRecoveryTests {
    @Test("A consumer that is not there yet is waited for")
    func missingConsumer() async throws {
        try await NATSServerProcess.withServer { server in
            let transport = server.transport()
            try await withRunning([transport]) {
                let seen = Recorder<Int>()
                try await during {
                    try await transport.consume("chat-from-orders", concurrency: 1) { event in
                        seen.record(event.message.number)
                        return .done
                    }
                } _: {
                    try await settle([transport])
                    try await Provisioner(transport: transport).provision()
                    try await appendNumbers(0..<10, to: "orders.event.x", by: transport)
                    #expect(try await seen.wait(for: 10).sorted() == Array(0..<10), "four are handed out at a time")
                }
            }
        }
    }

    @Test("A full stream drops its oldest events, takes new ones, and tells whoever had not taken those")
    func trimmed() async throws {
        try await NATSServerProcess.withServer { server in
            let (service, sender) = (server.transport(), server.transport())
            try await withRunning([service, sender]) {
                try await settle([service, sender])
                try await Provisioner(
                    transport: sender, definition: StreamDefinition(maximumBytes: 1 << 20)
                ).provision()
                let seen = Recorder<Int>()
                let missed = Recorder<Bool>()
                func consume(_ body: @Sendable @escaping () async throws -> Void) async throws {
                    try await during {
                        try await service.consume("chat-from-orders", concurrency: 4) {
                            missed.record(true)
                        } handler: { event in
                            seen.record(event.message.number)
                            return .done
                        }
                    } _: {
                        try await body()
                    }
                }
                try await consume {
                    try await appendNumbers(0..<10, to: "orders.event.x", by: sender)
                    #expect(try await seen.wait(for: 10).sorted() == Array(0..<10), "four are handed out at a time")
                }
                #expect(missed.all.isEmpty)
                // Three times what the stream holds, while nobody takes it.
                let large = [UInt8](repeating: 65, count: 100_000)
                for number in 10..<40 {
                    _ = try await sender.append(
                        "orders.event.x", id: "large-\(number)", Envelope(payload: large),
                        timeout: .seconds(5).slackened)
                }
                try await appendNumbers(40..<41, to: "orders.event.x", by: sender)
                try await consume {
                    try await eventually("what is new has come") { seen.all.contains(40) }
                    try await eventually("the loss is told") { !missed.all.isEmpty }
                    try await eventually("the stream's fill is known") {
                        (service.statistics.stream?.share ?? 0) > 0.8 && service.statistics.missedEvents == 1
                    }
                }
            }
        }
    }

    @Test("A consumer goes on within two seconds of reconnecting, and misses nothing", arguments: [SIGKILL, SIGTERM])
    func consumeResumes(signal: Int32) async throws {
        try await NATSServerProcess.withServer { server in
            let (service, sender) = (server.transport(), server.transport())
            try await withRunning([service, sender]) {
                try await Provisioner(transport: sender).provision()
                let seen = Recorder<Int>()
                try await during {
                    try await service.consume("chat-from-orders", concurrency: 4) { event in
                        seen.record(event.message.number)
                        return .done
                    }
                } _: {
                    for round in 0..<3 {
                        let numbers = round * 20..<round * 20 + 20
                        try await appendNumbers(numbers, to: "orders.event.x", by: sender)
                        try await eventually("the round has come") { Set(seen.all).isSuperset(of: numbers) }
                        server.signal(signal)
                        try await eventually("the loss is known") { !sender.isConnected && !service.isConnected }
                        try server.start()
                        try await eventually("both are back") { sender.isConnected && service.isConnected }
                        try await eventually("the stream is back", within: .seconds(5)) {
                            (try? await sender.append(
                                "orders.event.x", id: "after-\(round)", .number(1000 + round), timeout: .seconds(1)))
                                != nil
                        }
                        try await eventually("it goes on", within: .seconds(2)) { seen.all.contains(1000 + round) }
                    }
                }
                #expect(Set(seen.all) == Set(0..<60).union([1000, 1001, 1002]))
            }
        }
    }

    @Test("A result reached during an outage is acknowledged after it, so that the event does not come again")
    func acknowledgedLater() async throws {
        try await NATSServerProcess.withServer { server in
            let transport = server.transport()
            try await withRunning([transport]) {
                try await Provisioner(transport: transport).provision()
                let door = Door()
                let started = Recorder<UInt64>()
                try await during {
                    try await transport.consume("chat-from-orders", concurrency: 1) { event in
                        started.record(event.sequence)
                        if event.sequence == 1 { await door.wait() }
                        return .done
                    }
                } _: {
                    try await appendNumbers(0..<1, to: "orders.event.x", by: transport)
                    try await started.wait(for: 1)
                    server.signal(SIGKILL)
                    try await eventually("the loss is known") { !transport.isConnected }
                    door.open()
                    try server.start()
                    try await eventually("nothing is pending at the consumer") {
                        let info = try? await StreamAPI.call(transport, "CONSUMER.INFO.EVENTS.chat-from-orders")
                        return info?["ack_floor"]["stream_seq"].integer == 1
                    }
                    #expect(started.all == [1])
                }
            }
        }
    }

    @Test(
        "When the server has lost its disk a consumer takes the new stream from its start, and old results do not count"
    )
    func consumeAfterWipe() async throws {
        try await NATSServerProcess.withServer { server in
            let transport = server.transport()
            try await withRunning([transport]) {
                try await Provisioner(transport: transport).provision()
                let door = Door()
                let seen = Recorder<Int>()
                try await during {
                    try await transport.consume("chat-from-orders", concurrency: 2) { event in
                        seen.record(event.message.number)
                        if event.message.number == 1 { await door.wait() }
                        return event.message.number == 100 && event.delivery == 1 ? .again(after: .zero) : .done
                    }
                } _: {
                    try await appendNumbers(1..<2, to: "orders.event.x", by: transport)
                    try await seen.wait(for: 1)
                    server.signal(SIGKILL)
                    try server.wipe()
                    try await eventually("the loss is known") { !transport.isConnected }
                    try server.start()
                    try await eventually("it is provisioned again") {
                        (try? await Provisioner(transport: transport).repair()) == true
                    }
                    try await appendNumbers(100..<103, to: "orders.event.x", by: transport)
                    try await seen.wait(for: 5)
                    door.open()
                    #expect(seen.all.sorted() == [1, 100, 100, 101, 102])
                }
            }
        }
    }

    @Test("A follower goes on where it was after a restart, and misses nothing", arguments: [SIGKILL, SIGTERM])
    func followResumes(signal: Int32) async throws {
        try await NATSServerProcess.withServer { server in
            let (gateway, sender) = (server.transport(), server.transport())
            try await withRunning([gateway, sender]) {
                try await Provisioner(transport: sender).provision()
                try await appendNumbers(0..<3, to: "auth.event.x", by: sender)
                let seen = Recorder<Followed>()
                try await during {
                    try await gateway.follow { seen.record(Followed($0)) }
                } _: {
                    try await seen.wait(for: 1)
                    for round in 1...3 {
                        try await appendNumbers(round * 10..<round * 10 + 5, to: "auth.event.x", by: sender)
                        if round < 3 { try await seen.wait(for: 1 + round * 5 + (round - 1)) }
                        server.signal(signal)
                        try await eventually("the loss is known") { !sender.isConnected && !gateway.isConnected }
                        try server.start()
                        try await eventually("the stream is back") {
                            (try? await sender.append(
                                "auth.event.x", id: "after-\(round)", .number(1000 + round), timeout: .seconds(1)))
                                != nil
                        }
                    }
                    var expected: [Followed] = [.ready]
                    for round in 1...3 {
                        for number in round * 10..<round * 10 + 5 { expected.append(.event(number)) }
                        expected.append(.event(1000 + round))
                    }
                    #expect(try await seen.wait(for: 19) == expected)
                }
            }
        }
    }

    @Test("A follower is told when the server has lost its disk, and goes on with what there is")
    func followAfterWipe() async throws {
        try await NATSServerProcess.withServer { server in
            let transport = server.transport()
            try await withRunning([transport]) {
                try await Provisioner(transport: transport).provision()
                let seen = Recorder<Followed>()
                try await during {
                    try await transport.follow { seen.record(Followed($0)) }
                } _: {
                    try await seen.wait(for: 1)
                    try await appendNumbers(1..<4, to: "auth.event.x", by: transport)
                    try await seen.wait(for: 4)
                    server.signal(SIGKILL)
                    try server.wipe()
                    try await eventually("the loss is known") { !transport.isConnected }
                    try server.start()
                    try await eventually("it is provisioned again") {
                        (try? await Provisioner(transport: transport).repair()) == true
                    }
                    try await appendNumbers(10..<15, to: "auth.event.x", by: transport)
                    var expected: [Followed] = [.ready, .event(1), .event(2), .event(3), .gap]
                    for number in 10..<15 { expected.append(.event(number)) }
                    #expect(try await seen.wait(for: 10) == expected)
                }
            }
        }
    }

    @Test("A stream made anew over and over, at whichever moment of a look at it, is told as a gap and given whole")
    func followOverAndOver() async throws {
        try await NATSServerProcess.withServer { server in
            let (gateway, sender) = (server.transport(), server.transport())
            try await withRunning([gateway, sender]) {
                try await Provisioner(transport: sender).provision()
                let seen = Recorder<Followed>()
                try await during {
                    try await gateway.follow { seen.record(Followed($0)) }
                } _: {
                    try await seen.wait(for: 1)
                    for round in 1...10 {
                        // Twice in a row: the second may come while the follower looks at what came of the first.
                        for half in 0..<2 {
                            _ = try await StreamAPI.call(sender, "STREAM.DELETE.EVENTS")
                            try await eventually("it is provisioned again") {
                                (try? await Provisioner(transport: sender).repair()) == true
                            }
                            let first = round * 100 + half * 10
                            try await appendNumbers(first..<first + 3, to: "auth.event.x", by: sender)
                        }
                        let expected = (0..<3).map { Followed.event(round * 100 + 10 + $0) }
                        try await eventually("all of the last stream is seen, after a gap", within: .seconds(20)) {
                            guard let gap = seen.all.lastIndex(of: .gap) else { return false }
                            return Array(seen.all[(gap + 1)...]).suffix(3) == expected[...]
                        }
                    }
                }
            }
        }
    }

    @Test("A stream of an older version is brought up to date, and its followers get everything")
    func followUnrepublished() async throws {
        try await NATSServerProcess.withServer { server in
            let transport = server.transport()
            try await withRunning([transport]) {
                guard case .object(let settings) = StreamDefinition().streamUnrepublished else {
                    throw TestFailure("no settings")
                }
                let old = JSON.object(settings.filter { $0.name != "allow_direct" })
                _ = try await StreamAPI.call(transport, "STREAM.CREATE.EVENTS", old)
                // Of servers before 2.10 it goes on without being republished; others change that as well.
                try await Provisioner(transport: transport).provision()
                #expect(try await Provisioner(transport: transport).repair() == false)
                let seen = Recorder<Followed>()
                try await during {
                    try await transport.follow { seen.record(Followed($0)) }
                } _: {
                    try await seen.wait(for: 1)
                    try await appendNumbers(0..<10, to: "auth.event.x", by: transport)
                    #expect(try await seen.wait(for: 11) == [.ready] + (0..<10).map { .event($0) })
                }
            }
        }
    }

    @Test("A follower of a stream that was emptied goes on with what comes, whether it knew it before or not")
    func followEmptied() async throws {
        try await NATSServerProcess.withServer { server in
            let (gateway, sender) = (server.transport(), server.transport())
            try await withRunning([gateway, sender]) {
                guard case .object(let settings) = StreamDefinition().stream else { throw TestFailure("no settings") }
                let purgeable = JSON.object(settings.filter { $0.name != "deny_purge" })
                _ = try await StreamAPI.call(sender, "STREAM.CREATE.EVENTS", purgeable)
                let seen = [Recorder<Followed>(), Recorder<Followed>()]
                try await during {
                    try await gateway.follow { seen[0].record(Followed($0)) }
                } _: {
                    try await seen[0].wait(for: 1)
                    try await appendNumbers(0..<3, to: "auth.event.x", by: sender)
                    try await seen[0].wait(for: 4)
                    _ = try await StreamAPI.call(sender, "STREAM.PURGE.EVENTS")
                    server.signal(SIGTERM)
                    try await eventually("the loss is known") { !sender.isConnected && !gateway.isConnected }
                    try server.start()
                    try await eventually("the link is back") { sender.isConnected && gateway.isConnected }
                    try await during {
                        try await sender.follow { seen[1].record(Followed($0)) }
                    } _: {
                        try await seen[1].wait(for: 1)
                        try await appendNumbers(3..<6, to: "auth.event.x", by: sender)
                        #expect(try await seen[0].wait(for: 7) == [.ready] + (0..<6).map { .event($0) })
                        #expect(try await seen[1].wait(for: 4) == [.ready] + (3..<6).map { .event($0) })
                    }
                }
            }
        }
    }

    @Test("What a publisher writes into headers of the server's does not count, live or read from the stream")
    func followForged() async throws {
        try await NATSServerProcess.withServer { server in
            let (gateway, sender) = (server.transport(), server.transport())
            try await withRunning([gateway, sender]) {
                try await Provisioner(transport: sender).provision()
                let (seen, late) = (Recorder<String>(), Recorder<String>())
                @Sendable func record(_ event: FollowedEvent, in recorder: Recorder<String>) {
                    guard case .event(let event) = event else { return recorder.record("\(event)") }
                    recorder.record("\(event.subject) \(event.sequence)")
                }
                try await appendNumbers(0..<1, to: "chat.event.x", by: sender)
                try await during {
                    try await gateway.follow { record($0, in: seen) }
                } _: {
                    try await seen.wait(for: 1)
                    let most = String(UInt64.max)
                    for (subject, sequence) in [("auth.event.keys-changed", "2"), ("chat.event.x", most), ("x", "1")] {
                        try server.publish(
                            "chat.event.x", headers: ["Nats-Subject: \(subject)", "Nats-Sequence: \(sequence)"])
                    }
                    let events = (2...5).map { "chat.event.x \($0)" }
                    try await appendNumbers(1..<2, to: "chat.event.x", by: sender)
                    #expect(try await seen.wait(for: 5) == ["ready"] + events)
                    // Another one's first look reads the last of them from the stream.
                    try server.publish(
                        "chat.event.x", headers: ["Nats-Subject: auth.event.x", "Nats-Sequence: \(most)"])
                    try await during {
                        try await sender.follow { record($0, in: late) }
                    } _: {
                        try await late.wait(for: 1)
                        try await appendNumbers(2..<3, to: "chat.event.x", by: sender)
                        #expect(try await late.wait(for: 2) == ["ready", "chat.event.x 7"])
                    }
                }
            }
        }
    }

    @Test("A follower that cannot keep up gets everything all the same")
    func followSlowly() async throws {
        try await NATSServerProcess.withServer { server in
            let (gateway, sender) = (server.transport(), server.transport())
            try await withRunning([gateway, sender]) {
                try await Provisioner(transport: sender).provision()
                let (seen, door) = (Recorder<Followed>(), Door())
                try await during {
                    try await gateway.follow { event in
                        if Followed(event) == .event(0) { await door.wait() }
                        seen.record(Followed(event))
                    }
                } _: {
                    try await seen.wait(for: 1)
                    let count = FollowFeed.capacity + 500
                    // Only the last is waited for: that many turns at a busy server take longer than a door stays shut.
                    for number in 0..<count - 1 { try sender.publish("auth.event.x", .number(number)) }
                    try await appendNumbers(count - 1..<count, to: "auth.event.x", by: sender)
                    door.open()
                    try await appendNumbers(count..<count + 200, to: "auth.event.x", by: sender)
                    let all = try await seen.wait(for: count + 201, within: .patience * 5)
                    #expect(all == [.ready] + (0..<count + 200).map { .event($0) })
                }
            }
        }
    }
}
