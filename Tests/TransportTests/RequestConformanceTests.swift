import Messaging
import ServiceLifecycleTestKit
import TestKit
import Testing

/// What every transport promises about requests.
@Suite(.bounded)
struct RequestConformanceTests {
    private static let busy = Envelope(headers: [.init("status", "busy")])

    static let envelopes = [
        Envelope(),
        Envelope(payload: Array("{\"a\":1}".utf8)),
        Envelope(headers: [.init("request-id", "r-1"), .init("empty", ""), .init("request-id", "r-2")]),
        Envelope(headers: [.init("long", String(repeating: "v", count: 60_000))], payload: [0, 1, 2, 255]),
        Envelope(payload: [1, 2, 3]),
        Envelope(payload: [UInt8](repeating: 7, count: 900_000)),
    ]

    @Test("A request is answered, and both ways headers and payload arrive unchanged", arguments: TransportKind.all)
    func answered(kind: TransportKind) async throws {
        try await withTransports(kind, 2) { transports in
            try await serving(transports[0], ["orders.create"]) { subject, request in
                subject == "orders.create" ? request : Envelope()
            } during: {
                for envelope in Self.envelopes {
                    let answer = try await transports[1].request(
                        "orders.create", envelope, timeout: .seconds(5).slackened)
                    #expect(answer == envelope)
                }
            }
        }
    }

    @Test("A subject nobody serves is known at once", arguments: TransportKind.all)
    func noResponders(kind: TransportKind) async throws {
        try await withTransports(kind, 1) { transports in
            let took = await ContinuousClock().measure {
                await #expect(throws: TransportError.noResponders) {
                    try await transports[0].request("orders.nothing", Envelope(), timeout: .seconds(60).slackened)
                }
            }
            #expect(took < .seconds(20).slackened)
        }
    }

    @Test("A request without an answer ends at its deadline", arguments: TransportKind.all)
    func timeout(kind: TransportKind) async throws {
        try await withTransports(kind, 2) { transports in
            let door = Door()
            try await serving(transports[0], ["orders.slow"]) { _, request in
                await door.wait()
                return request
            } during: {
                let took = await ContinuousClock().measure {
                    await #expect(throws: TransportError.timeout) {
                        try await transports[1].request("orders.slow", Envelope(), timeout: .milliseconds(200))
                    }
                }
                #expect(took >= .milliseconds(199) && took < .seconds(20).slackened)
                door.open()
            }
        }
    }

    @Test("Cancelling the caller ends its wait", arguments: TransportKind.all)
    func cancellation(kind: TransportKind) async throws {
        try await withTransports(kind, 2) { transports in
            let door = Door()
            try await serving(transports[0], ["orders.slow"]) { _, request in
                await door.wait()
                return request
            } during: {
                try await during {
                    await #expect(throws: TransportError.failed("cancelled")) {
                        try await transports[1].request("orders.slow", Envelope(), timeout: .seconds(60).slackened)
                    }
                } _: {
                    try await eventually("the request is being handled") { door.waitingCount == 1 }
                }
                door.open()
            }
        }
    }

    @Test("Members of a queue group share the requests, each handled once", arguments: TransportKind.all)
    func queueGroup(kind: TransportKind) async throws {
        try await withTransports(kind, 3) { transports in
            let (first, second) = (Recorder<[UInt8]>(), Recorder<[UInt8]>())
            try await serving(transports[0], ["chat.send"]) { _, request in
                first.record(request.payload)
                return request
            } during: {
                try await serving(transports[1], ["chat.send"]) { _, request in
                    second.record(request.payload)
                    return request
                } during: {
                    let before = first.count + second.count
                    for number in 0..<200 {
                        let envelope = Envelope(payload: [UInt8(number)])
                        let answer = try await transports[2].request(
                            "chat.send", envelope, timeout: .seconds(5).slackened)
                        #expect(answer == envelope)
                    }
                    #expect(first.count + second.count == before + 200)
                    #expect(first.count > 20 && second.count > 20)
                }
            }
        }
    }

    @Test("Beyond the limit, which all subjects share, a request is refused at once", arguments: TransportKind.all)
    func limit(kind: TransportKind) async throws {
        try await withTransports(kind, 2) { transports in
            let door = Door()
            let answers = Recorder<Envelope>()
            try await serving(transports[0], ["chat.a", "chat.b"], limit: 3) { subject, request in
                if request.payload.isEmpty { await door.wait() }
                return request
            } during: {
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for subject in ["chat.a", "chat.b", "chat.a"] {
                        group.addTask {
                            answers.record(
                                try await transports[1].request(subject, Envelope(), timeout: .seconds(20).slackened))
                        }
                    }
                    try await eventually("three are being handled") { door.waitingCount == 3 }
                    let answer = try await transports[1].request(
                        "chat.b", Envelope(payload: [5]), timeout: .seconds(5).slackened)
                    #expect(answer == Self.busy)
                    door.open()
                    try await group.waitForAll()
                    #expect(answers.all == [Envelope(), Envelope(), Envelope()])
                    let after = try await transports[1].request(
                        "chat.b", Envelope(payload: [6]), timeout: .seconds(5).slackened)
                    #expect(after == Envelope(payload: [6]))
                }
            }
        }
    }

    @Test("More requests than may be outstanding are refused", arguments: TransportKind.all)
    func overloaded(kind: TransportKind) async throws {
        try await withTransports(kind, 2, maximumOutstandingRequests: 8) { transports in
            let door = Door()
            try await serving(transports[0], ["chat.slow"]) { _, request in
                await door.wait()
                return request
            } during: {
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for _ in 0..<8 {
                        group.addTask {
                            _ = try await transports[1].request(
                                "chat.slow", Envelope(), timeout: .seconds(20).slackened)
                        }
                    }
                    try await eventually("eight are outstanding") { door.waitingCount == 8 }
                    await #expect(throws: TransportError.overloaded) {
                        try await transports[1].request("chat.slow", Envelope(), timeout: .seconds(5).slackened)
                    }
                    door.open()
                    try await group.waitForAll()
                }
            }
        }
    }

    @Test("Serving ends as soon as it is told to when nothing is in work", arguments: TransportKind.all)
    func shutdownWithoutWork(kind: TransportKind) async throws {
        try await withTransports(kind, 2) { transports in
            try await testGracefulShutdown { trigger in
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask {
                        try await transports[0].serve(["chat.slow"], queue: "q", limit: 100, refusal: Self.busy) { $1 }
                    }
                    try await transports[1].waitUntilServed("chat.slow")
                    let begun = ContinuousClock.now
                    trigger.triggerGracefulShutdown()
                    try await group.waitForAll()
                    // What the server has sent already is waited for, at most 3 s.
                    #expect(ContinuousClock.now - begun < .seconds(2).slackened)
                }
            }
        }
    }

    @Test("A graceful shutdown finishes and answers what was taken, and takes no more", arguments: TransportKind.all)
    func gracefulShutdown(kind: TransportKind) async throws {
        try await withTransports(kind, 2) { transports in
            let door = Door()
            try await testGracefulShutdown { trigger in
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask {
                        try await transports[0].serve(["chat.slow"], queue: "q", limit: 100, refusal: Self.busy) {
                            _, request in
                            if !request.payload.isEmpty { await door.wait() }
                            return request
                        }
                    }
                    try await transports[1].waitUntilServed("chat.slow")
                    let answers = Recorder<Envelope>()
                    try await withThrowingTaskGroup(of: Void.self) { callers in
                        for number in 1...5 {
                            callers.addTask {
                                let envelope = Envelope(payload: [UInt8(number)])
                                answers.record(
                                    try await transports[1].request(
                                        "chat.slow", envelope, timeout: .seconds(20).slackened))
                            }
                        }
                        try await eventually("five are being handled") { door.waitingCount == 5 }
                        trigger.triggerGracefulShutdown()
                        try await eventually("no more is taken") {
                            do throws(TransportError) {
                                _ = try await transports[1].request("chat.slow", Envelope(), timeout: .seconds(1))
                                return false
                            } catch { return error == .noResponders }
                        }
                        #expect(answers.count == 0)
                        door.open()
                        try await callers.waitForAll()
                    }
                    #expect(answers.all.count == 5)
                    try await group.waitForAll()
                }
            }
        }
    }

    @Test("Restarting one of two servers under load fails no request", arguments: TransportKind.all)
    func restart(kind: TransportKind) async throws {
        try await withTransports(kind, 3) { transports in
            let failures = Recorder<TransportError>()
            let answers = Recorder<Int>()
            try await serving(transports[0], ["chat.send"]) { _, request in
                request
            } during: {
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for worker in 0..<8 {
                        group.addTask {
                            for number in 0..<400 {
                                do throws(TransportError) {
                                    _ = try await transports[2].request(
                                        "chat.send", Envelope(), timeout: .seconds(5).slackened)
                                    answers.record(worker * 1000 + number)
                                } catch {
                                    failures.record(error)
                                }
                            }
                        }
                    }
                    for _ in 0..<10 {
                        let before = answers.count
                        try await serving(transports[1], ["chat.send"]) { _, request in
                            request
                        } during: {
                            try await eventually("some are answered") {
                                answers.count + failures.count >= min(3200, before + 100)
                            }
                        }
                    }
                    try await group.waitForAll()
                }
                #expect(failures.all.isEmpty)
                #expect(answers.count == 3200)
            }
        }
    }
}

/// Serves while `body` runs; `body` starts when the first request has been answered.
func serving(
    _ transport: any Transport, _ subjects: [String], limit: Int = 1000,
    handler: @escaping @Sendable (String, Envelope) async -> Envelope, during body: @Sendable () async throws -> Void
) async throws {
    let probe = "probe.\(uniqueName())"
    let refusal = Envelope(headers: [.init("status", "busy")])
    try await during {
        try await transport.serve(subjects + [probe], queue: "q", limit: limit, refusal: refusal) { subject, request in
            subject == probe ? request : await handler(subject, request)
        }
    } _: {
        try await transport.waitUntilServed(probe)
        try await body()
    }
}
