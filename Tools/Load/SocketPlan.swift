/// One socket to open, as the benchmark writes it: `URL DOOR TOKEN ROOM ROLE` on a line, `-` for what there is not.
struct SocketPlan: Sendable {
    /// Which protocol is spoken.
    enum Door: String, Sendable {
        /// Plain WebSocket.
        case plain
        /// Socket.IO over WebSocket.
        case socketIO = "socketio"
        /// Socket.IO over long-polling.
        case polling
        /// A server without accounts and rooms that tells everything to everybody.
        case bare

        var isSocketIO: Bool { self == .socketIO || self == .polling }
    }

    let address: ServerAddress
    let door: Door
    let token: String
    /// The order whose room is joined.
    let room: String?
    let isSender: Bool

    init?(line: String) {
        let words = line.split(separator: " ").map(String.init)
        guard words.count == 5, let address = ServerAddress(argument: words[0]), let door = Door(rawValue: words[1])
        else { return nil }
        self.address = address
        self.door = door
        token = words[2]
        room = words[3] == "-" ? nil : words[3]
        isSender = words[4] == "sender"
    }

    /// All lines of standard input up to an empty one.
    static func read() throws -> [SocketPlan] {
        var plans: [SocketPlan] = []
        while let line = readLine(), !line.isEmpty {
            guard let plan = SocketPlan(line: line) else { throw LoadFailure("not a socket: \(line)") }
            plans.append(plan)
        }
        return plans
    }
}

/// Something that makes the whole run worthless.
struct LoadFailure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
