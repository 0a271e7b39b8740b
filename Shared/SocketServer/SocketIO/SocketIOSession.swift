import NIOWebSocket
package import Primitives
import Synchronization

/// What a server makes of one client of Socket.IO.
package protocol SocketIOApplication: Sendable {
    /// The client asks for a namespace, for the first time or again.
    func connect(to namespace: String, auth: JSON) async -> SocketIOSession.Decision

    /// Works on an event of a namespace that the client is connected to.
    func received(_ event: SocketIOEvent) async

    /// What came is no packet, or none that may come now.
    func received(_ fault: SocketIOFault)
}

/// The Socket.IO side of one socket: its namespaces, and its packets put together (protocol 5).
package final class SocketIOSession: Sendable {
    /// What becomes of the wish to connect.
    package enum Decision: Sendable {
        /// `then` is called when the client has been told.
        case accepted(then: @Sendable () async -> Void = {})
        /// There is no such namespace.
        case unknown
        /// `data` is JSON for the client's `connect_error`.
        case refused(message: String, data: [UInt8]?)
    }

    private struct State {
        var reader: SocketIOReader
        /// By name; bounded by those that the application knows.
        var names: [String: String] = [:]
    }

    package let connection: SocketConnection
    private let state: Mutex<State>

    package init(_ connection: SocketConnection) {
        self.connection = connection
        state = Mutex(State(reader: SocketIOReader(limit: connection.settings.maximumPayload)))
    }

    /// Whether the client is connected to a namespace.
    package var isConnected: Bool { state.withLock { !$0.names.isEmpty } }

    /// Works on a message of the socket; to be called for one after another.
    package func received(_ message: SocketMessage, for application: some SocketIOApplication) async {
        let taken = state.withLock { state -> Result<SocketIOPacket?, SocketIOFault> in
            do throws(SocketIOFault) { return .success(try state.reader.take(message)) } catch {
                return .failure(error)
            }
        }
        do throws(SocketIOFault) {
            switch try taken.get() {
            case nil: break
            case .connect(let namespace, let auth)?: await connect(to: namespace, auth, application)
            case .disconnect(let namespace)?: disconnect(from: namespace)
            case .event(let event, _)?:
                guard state.withLock({ $0.names[event.namespace] != nil }) else {
                    throw .malformed("the namespace is not connected")
                }
                await application.received(try Self.marked(event))
            // Nobody asked for one: allowed, and ignored.
            case .acknowledgement?: break
            }
        } catch {
            application.received(error)
        }
    }

    private func connect(to namespace: String, _ auth: JSON, _ application: some SocketIOApplication) async {
        switch await application.connect(to: namespace, auth: auth) {
        case .accepted(let then):
            let sid = state.withLock { state in
                let sid = state.names[namespace] ?? Identifier.make().description
                state.names[namespace] = sid
                return sid
            }
            connection.send(.text(SocketIOText.connected(namespace, sid: sid)))
            await then()
        case .unknown:
            connection.send(.text(SocketIOText.refused(namespace, message: "Invalid namespace", data: nil)))
        case .refused(let message, let data):
            connection.send(.text(SocketIOText.refused(namespace, message: message, data: data)))
        }
    }

    /// A client that has left its last namespace has nothing to do here.
    private func disconnect(from namespace: String) {
        let isLast = state.withLock { state in
            state.names[namespace] = nil
            return state.names.isEmpty
        }
        if isLast { connection.close(.normalClosure) }
    }

    /// The event with a defect wherever an attachment stands; each must stand once.
    private static func marked(_ event: SocketIOEvent) throws(SocketIOFault) -> SocketIOEvent {
        guard !event.attachments.isEmpty else { return event }
        var marked = event
        var numbers: [Int] = []
        var rest = event.arguments.enumerated().map { (path: String($0.offset), value: $0.element) }
        while let (path, value) = rest.popLast() {
            if let number = value.attachmentNumber {
                numbers.append(number)
                marked.defects.append(JSONDefect(path: path, kind: .binary))
                continue
            }
            switch value {
            case .array(let values): rest += values.enumerated().map { ("\(path).\($0.offset)", $0.element) }
            case .object(let members): rest += members.map { ("\(path).\($0.name)", $0.value) }
            default: break
            }
        }
        guard numbers.sorted() == Array(0..<event.attachments.count) else {
            throw .malformed("placeholders and attachments do not agree")
        }
        return marked
    }
}
