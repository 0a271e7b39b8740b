package import Primitives

/// Accounts as their latest changes left them, in the order of these.
package struct ChangedUserList: JSONCodable, Sendable, Equatable {
    package var users: [Auth.UserChanged]
    /// Whether there are later changes.
    package var hasMore: Bool

    package init(users: [Auth.UserChanged], hasMore: Bool) {
        self.users = users
        self.hasMore = hasMore
    }

    package init(json: JSON) throws(JSONMismatch) {
        users = try json.get("users")
        hasMore = try json.get("hasMore")
    }

    package func write(to writer: inout JSONWriter) {
        writer.object {
            $0.field("users", users)
            $0.field("hasMore", hasMore)
        }
    }
}
