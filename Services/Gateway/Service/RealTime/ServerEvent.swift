import NIOCore
import Primitives
import SocketServer

/// An event for sockets, encoded once for each door and then written to any number of them.
struct ServerEvent: Sendable {
    enum Name: String, Sendable, CaseIterable {
        case newMessage, roomClosed, messagesRead, typing, presence, orderCreated, orderUpdated, orderStatusChanged,
            sessionEnded, joinedRoom, error
    }

    let encoded: OutboundEvent

    /// - Parameter data: the event's data, encoded.
    init(_ name: Name, data: [UInt8]) {
        encoded = OutboundEvent(
            plain: PlainFrame.event(name.rawValue, data: data),
            engineIO: SocketIOFrame.event(name.rawValue, data: data))
    }

    init(_ name: Name, _ data: some JSONWritable) { self.init(name, data: JSONWriter.encode(data)) }
}
