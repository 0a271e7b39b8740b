/// Keeps the refresh token, by which a session goes on: in an app the Keychain, in a tool a file of mode 0600.
///
/// One client at a time may use a store: a refresh token is good once.
public protocol TokenStore: Sendable {
    /// What was saved last.
    func load() async throws -> String?
    /// - Parameter token: `nil` when the session is over.
    func save(_ token: String?) async throws
}

/// For as long as the client is there.
public actor MemoryTokenStore: TokenStore {
    private var token: String?

    public init(_ token: String? = nil) { self.token = token }

    public func load() -> String? { token }
    public func save(_ token: String?) { self.token = token }
}
