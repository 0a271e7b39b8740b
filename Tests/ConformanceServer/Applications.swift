import NIOCore
import NIOWebSocket
import Primitives
import SocketServer

/// Sends back what comes.
struct WebSocketEcho: SocketPeer {
    let connection: SocketConnection

    func received(_ message: SocketMessage) async {
        switch message {
        case .text(let text): connection.send(.text(ByteBuffer(bytes: text)))
        case .binary(let data): connection.send(.binary(ByteBuffer(bytes: data)))
        }
    }

    func isWelcome() -> Bool { true }
    func overstayed() {}
    func closed() {}
}

/// Sends back each message.
struct EngineIOEcho: SocketPeer {
    let connection: SocketConnection

    func received(_ message: SocketMessage) async {
        switch message {
        case .text(let text): connection.send(.text(ByteBuffer(bytes: Array("4".utf8) + text)))
        case .binary(let data): connection.send(.binary(ByteBuffer(bytes: data)))
        }
    }

    func isWelcome() -> Bool { true }
    func overstayed() {}
    func closed() {}
}

/// What the public suite of Socket.IO expects: `auth` on connection, `message` sent back, `message-with-ack`
/// acknowledged.
struct SocketIOEcho: SocketPeer, SocketIOApplication {
    let session: SocketIOSession

    private var connection: SocketConnection { session.connection }

    func received(_ message: SocketMessage) async { await session.received(message, for: self) }

    func isWelcome() -> Bool { session.isConnected }
    func overstayed() { connection.close(.normalClosure) }
    func closed() {}

    func connect(to namespace: String, auth: JSON) async -> SocketIOSession.Decision {
        guard ["/", "/custom"].contains(namespace) else { return .unknown }
        return .accepted {
            let arguments = JSON.array([.string("auth"), auth.isNull ? .object([]) : auth])
            connection.send(.text(SocketIOText.event(JSONWriter.encode(arguments), of: namespace)))
        }
    }

    func received(_ event: SocketIOEvent) async {
        let arguments = Array(event.arguments.dropFirst())
        switch (event.arguments.first?.string, event.ackID) {
        case ("message", _):
            let list = JSONWriter.encode(JSON.array([.string("message-back")] + arguments))
            send(SocketIOText.event(list, of: event.namespace, attachments: event.attachments.count), event)
        case ("message-with-ack", let id?):
            let list = JSONWriter.encode(JSON.array(arguments))
            send(
                SocketIOText.acknowledgement(
                    id, list, of: event.namespace, attachments: event.attachments.count), event)
        default: break
        }
    }

    private func send(_ text: ByteBuffer, _ event: SocketIOEvent) {
        connection.send(.text(text))
        for data in event.attachments { connection.send(.binary(ByteBuffer(bytes: data))) }
    }

    func received(_ fault: SocketIOFault) { connection.close(.policyViolation) }
}
