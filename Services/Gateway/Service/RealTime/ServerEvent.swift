import NIOCore
import Primitives

/// An event for sockets, encoded once for each door and then written to any number of them.
struct ServerEvent: Sendable {
    enum Name: String, Sendable, CaseIterable {
        case newMessage, roomClosed, messagesRead, orderCreated, orderUpdated, orderStatusChanged, sessionEnded,
            joinedRoom, error
    }

    let plain: ByteBuffer
    let socketIO: ByteBuffer

    /// - Parameter data: the event's data, encoded.
    init(_ name: Name, data: [UInt8]) {
        plain = PlainFrame.event(name.rawValue, data: data)
        socketIO = SocketIOPacket.event(name.rawValue, data: data)
    }

    init(_ name: Name, _ data: some JSONWritable) { self.init(name, data: JSONWriter.encode(data)) }
}
