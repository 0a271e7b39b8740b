import Contracts
import Primitives

/// Who is typing in a room: users of this gateway by their keystrokes, and those of other gateways by what these tell.
///
/// A pure value; whoever keeps it asks at each tick what is to be told. Between two ticks only the difference counts, so
/// neither many keystrokes nor quick changes cost a message each.
struct RoomTyping {
    typealias Instant = ContinuousClock.Instant

    /// Without a keystroke for so long a user types no more.
    static let silence = Duration.seconds(6)
    /// While keystrokes go on, the other gateways are told again so often.
    static let repetition = Duration.milliseconds(2500)
    /// How long the word of another gateway counts that is not repeated.
    static let lifetime = Duration.seconds(9)
    /// Users of this gateway who type at the same time; the keystrokes of more are passed over.
    static let ownLimit = 50
    /// Sockets of one user whose keystrokes are told apart.
    static let socketLimit = 16
    /// Users of other gateways; those of more are passed over.
    static let farLimit = 200
    /// Other gateways whose numbers are kept.
    static let gatewayLimit = 256

    private struct Own {
        var user: Participant
        /// The last keystroke of each socket; empty when the user has stopped and the others are still to be told.
        var keystrokes: [Int: Instant] = [:]
        /// When the other gateways were told last.
        var publishedAt: Instant?

        var last: Instant? { keystrokes.values.max() }
    }

    private struct Far {
        var user: Participant
        var end: Instant
    }

    private struct Place: Hashable {
        var gateway: GatewayID
        var user: Identifier
    }

    /// What is due at a tick.
    struct Changes: Equatable {
        /// To the other gateways.
        var signals: [TypingSignal] = []
        /// To the members of the room.
        var news: [TypingSignal] = []
    }

    private var own: [Identifier: Own] = [:]
    private var far: [Place: Far] = [:]
    /// The number of the last signal of each gateway.
    private var numbers: [GatewayID: Int] = [:]
    private var told: [Identifier: Participant] = [:]

    /// Whether a tick has nothing to do.
    var isQuiet: Bool { own.isEmpty && far.isEmpty && told.isEmpty }
    /// Whether users of this gateway are typing, or the others are still to be told that they stopped.
    var hasOwn: Bool { !own.isEmpty }
    /// Those whom the members know to be typing, by id.
    var users: [Participant] { told.values.sorted { $0.id < $1.id } }

    /// Whether this socket of the user is typing.
    func isTyping(_ socket: Int, of user: Identifier) -> Bool { own[user]?.keystrokes[socket] != nil }

    // MARK: Own users

    /// A keystroke.
    mutating func type(_ socket: Int, of user: Participant, at now: Instant) {
        guard own[user.id] != nil || own.count < Self.ownLimit else { return }
        var typer = own[user.id] ?? Own(user: user)
        typer.user = user
        // Who has just stopped begins again: the others are told, whatever they have heard of the end.
        if typer.keystrokes.isEmpty { typer.publishedAt = nil }
        if typer.keystrokes[socket] != nil || typer.keystrokes.count < Self.socketLimit {
            typer.keystrokes[socket] = now
        }
        own[user.id] = typer
    }

    /// A socket stopped typing, or is gone.
    mutating func stop(_ socket: Int, of user: Identifier) { own[user]?.keystrokes[socket] = nil }

    /// A user has said what was typed, by whichever gateway.
    mutating func stop(_ user: Identifier) {
        own[user]?.keystrokes = [:]
        far = far.filter { $0.key.user != user }
    }

    /// Nobody can type here any more.
    mutating func stopAll() {
        for user in own.keys { own[user]?.keystrokes = [:] }
        far = [:]
    }

    // MARK: Other gateways

    /// What another gateway tells.
    /// - Returns: false for what is too much; it is passed over.
    mutating func take(_ signal: TypingSignal, from gateway: GatewayID, number: Int, at now: Instant) -> Bool {
        guard numbers[gateway] != nil || numbers.count < Self.gatewayLimit else { return false }
        guard number > numbers[gateway] ?? 0 else { return true }
        numbers[gateway] = number
        let place = Place(gateway: gateway, user: signal.user.id)
        guard signal.isTyping else {
            far[place] = nil
            return true
        }
        guard far[place] != nil || far.count < Self.farLimit else { return false }
        far[place] = Far(user: signal.user, end: now + Self.lifetime)
        return true
    }

    /// A gateway is gone, and its users with it.
    mutating func forget(_ gateway: GatewayID) {
        far = far.filter { $0.key.gateway != gateway }
        numbers[gateway] = nil
    }

    // MARK: Telling

    /// What is to be told now; it counts as done.
    mutating func tick(at now: Instant) -> Changes {
        var changes = Changes()
        for (id, typer) in own.sorted(by: { $0.key < $1.key }) {
            var typer = typer
            typer.keystrokes = typer.keystrokes.filter { now - $0.value < Self.silence }
            if let isTyping = publish(&typer, at: now) {
                changes.signals.append(TypingSignal(user: typer.user, isTyping: isTyping))
            }
            own[id] = typer.keystrokes.isEmpty ? nil : typer
        }
        if !far.isEmpty { far = far.filter { now < $0.value.end } }
        var typing: [Identifier: Participant] = [:]
        for typer in far.values { typing[typer.user.id] = typer.user }
        for typer in own.values { typing[typer.user.id] = typer.user }
        for (id, user) in told.sorted(by: { $0.key < $1.key }) where typing[id] == nil {
            changes.news.append(TypingSignal(user: user, isTyping: false))
        }
        for (id, user) in typing.sorted(by: { $0.key < $1.key }) where told[id] == nil {
            changes.news.append(TypingSignal(user: user, isTyping: true))
        }
        told = typing
        return changes
    }

    /// What the other gateways are to be told of a user; `nil` when they know.
    private func publish(_ typer: inout Own, at now: Instant) -> Bool? {
        guard let last = typer.last else { return typer.publishedAt == nil ? nil : false }
        if let publishedAt = typer.publishedAt {
            guard last > publishedAt, now - publishedAt >= Self.repetition else { return nil }
        }
        typer.publishedAt = now
        return true
    }
}
