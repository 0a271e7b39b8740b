import Contracts
package import Messaging

/// Which part of a room's messages a client asks for.
package struct MessageWindow: Sendable, Equatable {
    /// From which side the window is filled.
    package enum Direction: Sendable, Equatable {
        /// The newest ones, before `before` when it is given.
        case latest(before: Int?)
        /// The first ones after `after`, and before `before` when it is given.
        case following(after: Int, before: Int?)
    }

    package var direction: Direction
    package var limit: Int

    package init(direction: Direction, limit: Int) {
        self.direction = direction
        self.limit = limit
    }

    /// - Throws: `validation-failed`.
    package init(_ parameters: QueryParameters) throws(ServiceError) {
        var query = QueryReader(parameters)
        let fields = Chat.ListMessages.parameters
        limit = query.limit(fields.limit)
        let after = query.integer(fields.after)
        let before = query.integer(fields.before)
        try query.finish()
        direction = after.map { .following(after: $0, before: before) } ?? .latest(before: before)
    }
}
