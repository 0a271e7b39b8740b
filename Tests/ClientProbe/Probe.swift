import Foundation
import OrderlineClient

/// Uses the Swift client as a test asks it to, and tells as JSON what it saw. The scripts in `Tests/Clients/javascript`
/// do the same with the JavaScript client, for the same tests.
///
///     client-probe conversation ORIGIN OWNER ADMIN COUNT        people: {email, password} as JSON
///     client-probe behaviour ORIGIN OWNER ADMIN OTHER
///     client-probe long_room ORIGIN OWNER SECONDS
///     client-probe late_renewal ORIGIN OWNER
///     client-probe encrypted ORIGIN OWNER AUTHORITY
///     client-probe guide ORIGIN OWNER                           prints what the guide prints
@main
struct Probe {
    static func main() async throws {
        var arguments = CommandLine.arguments.dropFirst()
        guard let name = arguments.popFirst(), let origin = arguments.popFirst() else { throw Misuse() }
        let rest = Array(arguments)
        if name == "guide", let text = rest.first {
            let owner = try Somebody(text)
            return try await guide(origin, email: owner.email, password: owner.password)
        }
        let told: [String: JSONValue] =
            switch (name, rest.count) {
            case ("conversation", 3):
                try await conversation(origin, owner: rest[0], admin: rest[1], count: Int(rest[2]) ?? 0)
            case ("behaviour", 3): try await Behaviour(origin, owner: rest[0], admin: rest[1], other: rest[2]).told()
            case ("long_room", 2): try await longRoom(origin, owner: rest[0], seconds: Int(rest[1]) ?? 0)
            case ("late_renewal", 1): try await lateRenewal(origin, owner: rest[0])
            case ("encrypted", 2): try await encrypted(origin, owner: rest[0], authority: rest[1])
            default: throw Misuse()
            }
        print(String(decoding: try JSONEncoder().encode(told), as: UTF8.self))
    }
}

struct Misuse: Error {}

/// Whom a test has made.
struct Somebody: Decodable {
    var email: String
    var password: String

    init(_ text: String) throws { self = try JSONDecoder().decode(Self.self, from: Data(text.utf8)) }
}

extension Client {
    /// A client of somebody who has signed in.
    static func signedIn(_ origin: String, _ text: String) async throws -> Client {
        let (client, somebody) = (try Client(origin: origin), try Somebody(text))
        try await client.logIn(email: somebody.email, password: somebody.password)
        return client
    }
}

let table = OrderDraft(description: "A table", specifications: "oak", quantity: 1)

/// Two clients in one room: one sends, one listens.
func conversation(_ origin: String, owner: String, admin: String, count: Int) async throws -> [String: JSONValue] {
    let olga = try await Client.signedIn(origin, owner)
    let ada = try await Client.signedIn(origin, admin)
    let order = try await olga.placeOrder(table)
    let room = olga.room(order.id, after: 0)

    async let heard = hear(ada.room(order.id, after: 0))
    async let own = ownSeqs(of: room, upTo: count + 1)
    try await withThrowingTaskGroup(of: Void.self) { group in
        for number in 0..<count {
            // Never more than may wait.
            if number >= 500 { try await group.next() }
            // Runs up to its place in the line at once, so that the order is that of the loop.
            group.addImmediateTask { try await room.send("message \(number)") }
        }
        try await group.waitForAll()
    }
    try await ada.room(order.id).close("Agreed")
    let (messages, states) = try await heard
    let seqs = try await own
    var refused: JSONValue = .null
    do { try await room.send("too late") } catch let problem as Problem { refused = .string(problem.code.rawValue) }
    await room.leave()
    let last = await room.state
    await olga.close()
    await ada.close()
    return [
        "heard": .array(messages.map { ["seq": .integer($0.seq), "content": .string($0.content)] }),
        "own": .array(seqs.map { .integer($0) }), "states": .array(states), "refused": refused,
        "last": .string(last.rawValue),
    ]
}

private func hear(_ room: Room) async throws -> ([Message], [JSONValue]) {
    var (messages, states): ([Message], [JSONValue]) = ([], [])
    for try await event in room.events {
        switch event {
        case .message(let message): messages.append(message)
        case .state(let state, _): states.append(.string(state.rawValue))
        case .closed: return (messages, states)
        default: break
        }
    }
    return (messages, states)
}

private func ownSeqs(of room: Room, upTo count: Int) async throws -> [Int] {
    var seqs: [Int] = []
    for try await case .message(let message) in room.events {
        seqs.append(message.seq)
        if seqs.count == count { break }
    }
    return seqs
}

/// One client that talks to itself in a room for some time, while tokens expire and gateways go.
func longRoom(_ origin: String, owner: String, seconds: Int) async throws -> [String: JSONValue] {
    let olga = try await Client.signedIn(origin, owner)
    let order = try await olga.placeOrder(table)
    let room = olga.room(order.id, after: 0)
    async let all = hearAll(room)
    let end = ContinuousClock.now + .seconds(seconds)
    var sent = 0
    while ContinuousClock.now < end {
        try await room.send("message \(sent)")
        sent += 1
        _ = try await olga.order(order.id)
        try await Task.sleep(for: .milliseconds(100))
    }
    while await room.lastSeq ?? 0 < sent { try await Task.sleep(for: .milliseconds(20)) }
    var listed: [JSONValue] = []
    for try await each in olga.rooms() { listed.append(.string(each.orderId)) }
    try await olga.logOut()
    let (heard, states) = await all
    let end2 = await room.state
    let user = await olga.user
    return [
        "sent": .integer(sent), "heard": .array(heard), "states": .array(states), "listed": .array(listed),
        "end": .string(end2.rawValue), "user": user.map { .string($0.id) } ?? .null,
    ]
}

/// Ends the session from elsewhere while it is renewed: tokens live for six seconds, and renewals take some.
func lateRenewal(_ origin: String, owner: String) async throws -> [String: JSONValue] {
    let olga = try await Client.signedIn(origin, owner)
    let order = try await olga.placeOrder(table)
    try await olga.room(order.id).send("Hello")
    try await Task.sleep(for: .milliseconds(5500))
    let before = await olga.user
    try await endOthers(of: Client.signedIn(origin, owner))
    try await Task.sleep(for: .seconds(5))
    var code: JSONValue = .null
    do { _ = try await olga.order(order.id) } catch let problem as Problem { code = .string(problem.code.rawValue) }
    // Asked for behind that: where the token had expired before, it is the refusal of another renewal that ends it.
    let after = await olga.user
    return ["signedIn": .bool(before != nil), "user": after.map { .string($0.id) } ?? .null, "afterwards": code]
}

private func endOthers(of client: Client) async throws {
    struct LiveSession: Decodable, Sendable {
        var id: String
        var current: Bool
    }
    struct Page: Decodable, Sendable { var items: [LiveSession] }
    let page: Page = try await client.call("GET", "/auth/sessions")
    for each in page.items where !each.current { try await client.call("DELETE", "/auth/sessions/\(each.id)") }
}

/// Until the session is over.
private func hearAll(_ room: Room) async -> ([JSONValue], [JSONValue]) {
    var (seqs, states): ([JSONValue], [JSONValue]) = ([], [])
    do {
        for try await event in room.events {
            if case .message(let message) = event { seqs.append(.integer(message.seq)) }
            if case .state(let state, _) = event { states.append(.string(state.rawValue)) }
        }
    } catch {
        // It ends with the session.
    }
    return (seqs, states)
}
