package import Messaging
import Primitives

extension Caller {
    /// Somebody new.
    package static func regular(_ name: String = "Ann") -> Caller {
        Caller(userID: .make(), sessionID: .make(), role: .regular, name: name)
    }

    /// A new Admin.
    package static func admin(_ name: String = "Root") -> Caller {
        Caller(userID: .make(), sessionID: .make(), role: .admin, name: name)
    }
}

/// The context of a request that a test makes, of somebody or of nobody.
package func context(_ caller: Caller? = nil) -> CallContext { CallContext(caller: caller, requestID: "test") }

extension Answer {
    /// The answer as its reader has it.
    package func read() throws -> Reply { try Reply(jsonBytes: body) }
}
