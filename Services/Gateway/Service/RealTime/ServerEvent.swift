import NIOCore
import Primitives

/// An event for sockets, encoded once for each door and then written to any number of them.
struct ServerEvent: Sendable {
    enum Name: String, Sendable, CaseIterable {
        case newMessage, roomClosed, messagesRead, orderCreated, orderUpdated, orderStatusChanged, sessionEnded,
            joinedRoom, error
    }

    private let plain: ByteBuffer
    private let socketIO: ByteBuffer

    /// - Parameter data: the event's data, encoded.
    init(_ name: Name, data: [UInt8]) {
        plain = OutboundFrame.text(PlainFrame.event(name.rawValue, data: data))
        socketIO = OutboundFrame.text(SocketIOPacket.event(name.rawValue, data: data))
    }

    /// The WebSocket frame for clients of `door`.
    func frame(at door: LiveSocket.Door) -> ByteBuffer {
        switch door {
        case .plain: plain
        case .socketIO: socketIO
        }
    }

    init(_ name: Name, _ data: some JSONWritable) { self.init(name, data: JSONWriter.encode(data)) }
}
