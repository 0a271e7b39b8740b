import Crypto
import Messaging
import Primitives

/// Tokens that were verified, so that one signature is checked once. Known by their SHA-256: whoever reads the memory
/// finds no token.
struct VerifiedTokens {
    typealias Hash = SHA256Digest

    /// Of one session. Whoever has the token of a session can make more texts that are as good: each costs its own session.
    static let mostOfSession = 4

    private let capacity: Int
    private var tokens: [Hash: VerifiedToken] = [:]
    /// The oldest first.
    private var ofSession: [Identifier: [Hash]] = [:]

    /// - Parameter capacity: tokens kept. When they are more, those expired go, and if that is not enough, all.
    init(capacity: Int) { self.capacity = capacity }

    var count: Int { tokens.count }

    static func hash(_ token: String) -> Hash {
        var token = token
        return token.withUTF8 { bytes in
            var hash = SHA256()
            hash.update(bufferPointer: UnsafeRawBufferPointer(bytes))
            return hash.finalize()
        }
    }

    subscript(hash: Hash) -> VerifiedToken? { tokens[hash] }

    mutating func insert(_ token: VerifiedToken, _ hash: Hash, now: Timestamp) {
        guard tokens[hash] == nil else { return }
        if tokens.count >= capacity {
            removeAll { $0.expiresAt <= now }
            if tokens.count >= capacity { removeAll { _ in true } }
        }
        tokens[hash] = token
        var hashes = ofSession[token.caller.sessionID] ?? []
        if hashes.count >= Self.mostOfSession { tokens[hashes.removeFirst()] = nil }
        hashes.append(hash)
        ofSession[token.caller.sessionID] = hashes
    }

    mutating func removeAll(where isGone: (VerifiedToken) -> Bool) {
        tokens = tokens.filter { !isGone($0.value) }
        let left = tokens
        ofSession = ofSession.mapValues { $0.filter { left[$0] != nil } }.filter { !$0.value.isEmpty }
    }
}
