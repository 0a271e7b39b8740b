import Messaging
import TestKit
import Testing

@testable import NATSTransport

/// What each process must not do with its NATS password, tried at a real server with the file of permissions.
///
/// What each one needs stands here a second time, so that a permission that is widened by mistake is seen: whatever the
/// file grants to anybody is tried by everybody, beside what nobody may do.
@Suite(.bounded)
struct PermissionDutyTests {
    static let passwords = [
        "NATS_AUTH_PASSWORD": "a1", "NATS_ORDERS_PASSWORD": "o1", "NATS_CHAT_PASSWORD": "c1",
        "NATS_GATEWAY_PASSWORD": "g1", "NATS_PROVISION_PASSWORD": "p1",
    ]
    static let users = ["auth", "orders", "chat", "gateway", "provision"]

    private static func consumer(_ names: String...) -> Set<String> {
        names.reduce(into: ["$JS.API.STREAM.INFO.EVENTS"]) { subjects, name in
            subjects.formUnion([
                "$JS.API.CONSUMER.INFO.EVENTS.\(name)", "$JS.API.CONSUMER.MSG.NEXT.EVENTS.\(name)",
                "$JS.ACK.EVENTS.\(name).>",
            ])
        }
    }

    /// Answers, tells its events, asks what is written out, and takes its own events.
    static let duties: [String: PermissionFile.Rights] = [
        "auth": .init(publish: ["auth.event.>"], subscribe: ["auth.*", "_INBOX.auth.>"], answers: 1),
        "orders": .init(
            publish: consumer("orders-from-chat", "orders-from-auth").union([
                "orders.event.>", "chat.facts", "auth.changed-users",
            ]), subscribe: ["orders.*", "_INBOX.orders.>"], answers: 1),
        "chat": .init(
            publish: consumer("chat-from-orders", "chat-from-auth").union([
                "chat.event.>", "live.room.*", "orders.lookup", "orders.facts", "auth.changed-users",
            ]), subscribe: ["chat.*", "_INBOX.chat.>"], answers: 1),
        "gateway": .init(
            publish: [
                "auth.*", "orders.*", "chat.*", "live.room.*", "live.gateway.*", "live.limits",
                "session.*.*",
                "$JS.API.STREAM.INFO.EVENTS", "$JS.API.DIRECT.GET.EVENTS",
            ],
            subscribe: [
                "_INBOX.gateway.>", "live.room.*", "live.gateway.*", "live.limits", "session.*.*", "republished.>",
            ],
            answers: 1),
        "provision": .init(
            publish: [
                "$JS.API.STREAM.INFO.EVENTS", "$JS.API.STREAM.CREATE.EVENTS", "$JS.API.STREAM.UPDATE.EVENTS",
                "$JS.API.CONSUMER.INFO.EVENTS.*", "$JS.API.CONSUMER.DURABLE.CREATE.EVENTS.*",
            ], subscribe: ["_INBOX.provision.>"]),
    ]

    /// What nobody may publish.
    private static let forbidden: [String] = {
        let stream = [
            "STREAM.DELETE.EVENTS", "STREAM.PURGE.EVENTS", "STREAM.MSG.DELETE.EVENTS", "STREAM.MSG.GET.EVENTS",
            "STREAM.SNAPSHOT.EVENTS", "STREAM.RESTORE.EVENTS", "STREAM.CREATE.OTHER", "STREAM.PEER.REMOVE.EVENTS",
            "STREAM.LEADER.STEPDOWN.EVENTS", "CONSUMER.DELETE.EVENTS.orders-from-chat", "CONSUMER.DELETE.EVENTS.x",
            "CONSUMER.CREATE.EVENTS.orders-from-chat", "CONSUMER.CREATE.EVENTS.x.auth.event.x",
            "CONSUMER.DURABLE.CREATE.OTHER.x", "CONSUMER.LEADER.STEPDOWN.EVENTS.x", "META.LEADER.STEPDOWN", "INFO",
            "ACCOUNT.PURGE.ORDERLINE", "CONSUMER.CREATE.EVENTS", "CONSUMER.MSG.NEXT.EVENTS.x",
        ].map { "$JS.API.\($0)" }
        let inboxes = users.flatMap {
            ["_INBOX.\($0).x", "_INBOX.\($0).x.0123456789abcdef", "_INBOX.\($0).x.feed.y.1"]
        }
        return stream + inboxes + [
            "_INBOX.x", "nobody.may", "republished.auth.event.x", "$SYS.REQ.SERVER.PING", "live.other", "live.room.x.y",
        ]
    }()

    private static let overheard = [
        ">", "*", "*.*", "*.>", "_INBOX.>", "_INBOX.*.>", "$JS.>", "$JS.API.>", "$JS.ACK.>", "$SYS.>", "live.>",
        "session.>", "republished.*", "republished.auth.>", "auth.>", "orders.>", "chat.>", "auth.event.>",
        "orders.event.x", "$JS.EVENT.ADVISORY.>",
    ]

    private func with(
        _ user: String, _ body: @Sendable (NATSTransport) async throws -> Void
    ) async throws {
        try await NATSServerProcess.withServer(configuration: PermissionFile.path, environment: Self.passwords) {
            server in
            let process = server.transport(user: user, password: "\(user.prefix(1))1")
            let provision = server.transport(user: "provision", password: "p1")
            try await withRunning([process, provision]) {
                try await Provisioner(transport: provision).provision()
                try await body(process)
            }
        }
    }

    @Test("The file grants each user what its process needs, and nothing else")
    func file() throws {
        let file = try PermissionFile()
        #expect(Set(file.users.keys) == Set(Self.users))
        for user in Self.users {
            let (granted, needed) = (file.users[user] ?? .init(), Self.duties[user] ?? .init())
            #expect(granted.publish.subtracting(needed.publish) == [], "\(user) may publish more")
            #expect(needed.publish.subtracting(granted.publish) == [], "\(user) may publish less")
            #expect(granted.refused == needed.refused, "\(user)")
            #expect(granted.subscribe == needed.subscribe, "\(user)")
            #expect(granted.answers == needed.answers, "\(user)")
        }
    }

    @Test("Nothing that others may publish, and nothing that nobody may, is taken from a process", arguments: users)
    func publishing(user: String) async throws {
        let (file, duty) = (try PermissionFile(), try #require(Self.duties[user]))
        let subjects = file.subjects.union(Self.forbidden).sorted()
        #expect(subjects.count > 60)
        try await with(user) { process in
            for subject in subjects where !duty.mayPublish(subject) {
                let before = process.statistics.permissionViolations
                try process.publish(subject, Envelope())
                try await eventually("\(subject) is refused to \(user)") {
                    process.statistics.permissionViolations == before + 1
                }
            }
            let before = process.statistics.permissionViolations
            for subject in subjects where duty.mayPublish(subject) { try process.publish(subject, Envelope()) }
            // It goes behind them on the same connection: whatever they were refused has been told before.
            try process.publish("nobody.may", Envelope())
            try await eventually("the last one is refused") { process.statistics.permissionViolations > before }
            #expect(process.statistics.permissionViolations == before + 1, "\(user) lacks something it needs")
        }
    }

    @Test("No process hears what is for another", arguments: users)
    func listening(user: String) async throws {
        let (file, duty) = (try PermissionFile(), try #require(Self.duties[user]))
        let subjects = file.subjects.union(Self.overheard).union(Self.users.map { "_INBOX.\($0).>" }).sorted()
        try await with(user) { process in
            for subject in subjects where !duty.mayListen(to: subject) {
                let before = process.statistics.permissionViolations
                let subscription = try await process.subscribe(subject) { _, _ in }
                try await eventually("\(subject) is not told to \(user)") {
                    process.statistics.permissionViolations == before + 1
                }
                await subscription.cancel()
            }
        }
    }

    @Test("An answer is let through to whom it was asked by, once, and to nobody who has not asked")
    func answers() async throws {
        try await NATSServerProcess.withServer(configuration: PermissionFile.path, environment: Self.passwords) {
            server in
            let (gateway, chat) = (
                server.transport(user: "gateway", password: "g1"), server.transport(user: "chat", password: "c1")
            )
            try await withRunning([gateway, chat]) {
                let replies = Recorder<String>()
                // Below the transport, which answers once and lets nobody see where to.
                try chat.link.add(
                    Listener("chat.lookup") { message in
                        guard let reply = message.reply.map({ String(cString: $0) }) else { return }
                        for number in 1...3 { try? chat.publish(reply, .number(number)) }
                        replies.record(reply)
                    })
                try await eventually("the first answer is let through") {
                    (try? await gateway.request("chat.lookup", Envelope(), timeout: .seconds(1))) == .number(1)
                }
                try await eventually("the second and the third are refused") {
                    chat.statistics.permissionViolations == 2 * replies.count
                }
                // The request has been answered; its subject is good for nothing more.
                let before = chat.statistics.permissionViolations
                let reply = try #require(replies.all.last)
                for subject in [reply, "\(gateway.inbox)0123456789abcdef", "\(gateway.inbox)feed.x.1"] {
                    try chat.publish(subject, Envelope())
                }
                try await eventually("answers unasked are refused") {
                    chat.statistics.permissionViolations == before + 3
                }
                #expect(gateway.statistics.permissionViolations == 0)
            }
        }
    }

    /// 1. A process learns where another is answered, from requests to itself. 2. The other asks somebody else.
    /// 3. The first answers before that one does, at every place it can think of.
    @Test("Who is let publish anywhere still hits no request that was not sent to it")
    func forgery() async throws {
        try await NATSServerProcess.withServer { server in
            let (asking, honest, forger) = (server.transport(), server.transport(), server.transport())
            try await withRunning([asking, honest, forger]) {
                let replies = Recorder<String>()
                try forger.link.add(
                    Listener("forger.lookup") { message in
                        guard let reply = message.reply.map({ String(cString: $0) }) else { return }
                        replies.record(reply)
                        try? forger.publish(reply, .number(0))
                    })
                try await eventually("the forger is asked") {
                    (try? await asking.request("forger.lookup", Envelope(), timeout: .seconds(1))) != nil
                }
                let door = Door()
                try await during {
                    let subjects = ["honest.keys", "honest.ready"]
                    try await honest.serve(subjects, queue: "honest", limit: 10, refusal: Envelope()) { subject, _ in
                        if subject == "honest.keys" { await door.wait() }
                        return .number(1)
                    }
                } _: {
                    try await eventually("the honest one serves") {
                        (try? await asking.request("honest.ready", Envelope(), timeout: .seconds(1))) != nil
                    }
                    async let answer = asking.request("honest.keys", Envelope(), timeout: .seconds(20).slackened)
                    try await eventually("the honest one works on it") { door.waitingCount == 1 }
                    let seen = try #require(replies.all.last.flatMap { UInt64($0.suffix(16), radix: 16) })
                    let guesses = (0..<UInt64(2000)).flatMap { number in
                        let near = String(seen &+ number, radix: 16)
                        return ["\(number)", String(repeating: "0", count: 16 - near.count) + near]
                    }
                    for guess in guesses { try forger.publish("\(asking.inbox)\(guess)", .number(666)) }
                    try await forger.settle()
                    door.open()
                    #expect(try await answer == .number(1))
                }
            }
        }
    }
}
