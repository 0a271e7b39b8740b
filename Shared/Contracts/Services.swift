package import Messaging

/// The services that answer requests and tell events, each with a schema of its own.
package enum Services {
    /// Whatever must know of every service goes through this list.
    package static let all: [ServiceDeclaration] = [Auth.declaration, Orders.declaration, Chat.declaration]
}
