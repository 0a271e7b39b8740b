import NIOCore
import Primitives
import SocketServer

/// What the gateway says to clients of Socket.IO, each as the text of one packet.
enum SocketIOFrame {
    static func event(_ name: String, data: [UInt8]) -> ByteBuffer {
        SocketIOText.event(list("[\"\(name)\",", data, "]"))
    }

    static func acknowledgement(_ id: Int, data: [UInt8]) -> ByteBuffer {
        SocketIOText.acknowledgement(id, list("[{\"data\":", data, "}]"))
    }

    static func refusal(_ id: Int, problem: [UInt8]) -> ByteBuffer {
        SocketIOText.acknowledgement(id, list("[{\"error\":", problem, "}]"))
    }

    private static func list(_ start: String, _ body: [UInt8], _ end: String) -> [UInt8] {
        var list: [UInt8] = []
        list.reserveCapacity(start.utf8.count + body.count + end.utf8.count)
        list += start.utf8
        list += body
        list += end.utf8
        return list
    }
}

extension ClientEvent {
    /// What a client of Socket.IO sent; of its arguments the one behind the name counts.
    init(_ event: SocketIOEvent) {
        self.init(
            ackID: event.ackID, name: event.arguments.first?.string ?? "",
            data: event.arguments.count > 1 ? event.arguments[1] : .null,
            defects: PlainFrame.within(event.defects, "1"))
    }
}
