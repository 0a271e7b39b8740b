package import HTTPTypes

/// What a request at an Engine.IO address asks for.
package enum EngineIORequest: Sendable, Equatable {
    /// A new session that polls.
    case openPolling
    /// A new session over the WebSocket that is asked for.
    case openWebSocket
    /// What the session has to say.
    case poll(sessionID: String)
    /// To take what the body holds.
    case post(sessionID: String)
    /// The change of the session to the WebSocket that is asked for.
    case upgrade(sessionID: String)

    /// - Parameters:
    ///   - isHandshake: whether a WebSocket is asked for.
    ///   - query: the first value of a name in the query.
    package init(
        method: HTTPRequest.Method, isHandshake: Bool, query: (String) -> String?
    ) throws(EngineIOFault) {
        let transport = query("transport")
        guard transport == "polling" || transport == "websocket" else { throw .unknownTransport }
        guard query("EIO") == "4" else { throw .unsupportedVersion }
        guard (transport == "websocket") == isHandshake else { throw .badRequest }
        guard let sessionID = query("sid") else {
            guard method == .get else { throw .badHandshakeMethod }
            self = isHandshake ? .openWebSocket : .openPolling
            return
        }
        guard SocketAcceptor.name(in: sessionID) != nil else { throw .unknownSession }
        switch method {
        case _ where isHandshake: self = .upgrade(sessionID: sessionID)
        case .get: self = .poll(sessionID: sessionID)
        case .post: self = .post(sessionID: sessionID)
        default: throw .badRequest
        }
    }

    /// By which a client tells one poll from another: the `t` of the query.
    /// - Returns: `nil` for what is none, is not visible ASCII, or is too long to be kept.
    package static func tag(in query: (String) -> String?) -> String? {
        query("t").flatMap { tag in
            (1...64).contains(tag.utf8.count) && tag.utf8.allSatisfy { (0x21...0x7E).contains($0) } ? tag : nil
        }
    }
}
