internal import NIOCore

/// A socket that sends: writes the frames and remembers when each was due.
final class ChatSender {
    private static let words = " the brackets of the second delivery fit well, please send forty more of the same"

    let socket: SocketClient
    /// Sent and not yet acknowledged.
    var outstanding = 0
    /// Whether an acknowledgement is followed by the next message.
    let isClosedLoop: Bool
    private var lastID = 0
    /// When messages were due, by their id; a ring as large as what may be under way.
    private var moments: [UInt64]
    /// What stands before, between and behind what differs between messages.
    private let beforeID: String
    private let start: String
    private let beforeClientID: String
    private let end: String

    /// - Parameters:
    ///   - name: of this run, so that no message has the client's id of an earlier one.
    ///   - window: the most messages under way.
    init(socket: SocketClient, name: UInt64, window: Int) {
        self.socket = socket
        isClosedLoop = window < 1024
        moments = [UInt64](repeating: 0, count: max(window, 16))
        let room = socket.plan.room ?? "-"
        let digits = String(name, radix: 16)
        let prefix = String(repeating: "0", count: 12 - digits.count) + digits
        let isSocketIO = socket.plan.door.isSocketIO
        beforeID = isSocketIO ? "42" : "{\"id\":"
        let event = isSocketIO ? "[\"sendMessage\"," : ",\"event\":\"sendMessage\",\"data\":"
        start = "\(event){\"orderId\":\"\(room)\",\"content\":\""
        end = isSocketIO ? "\"}]" : "\"}}"
        let sender = String(socket.index, radix: 16)
        beforeClientID =
            "\(Self.words)\",\"clientMessageId\":\"\(prefix.prefix(8))-\(prefix.suffix(4))-7abc-8"
            + String(repeating: "0", count: max(0, 3 - sender.count)) + sender.suffix(3) + "-"
    }

    /// - Parameters:
    ///   - moment: when it was due; stands in its text, so that readers know it.
    ///   - number: the message's place in its room, which only a bare server does not count by itself.
    func send(at moment: UInt64, number: Int) {
        lastID += 1
        outstanding += 1
        let id = lastID
        moments[id % moments.count] = moment
        if socket.plan.door == .bare { return sendBare(at: moment, number: number) }
        socket.send {
            $0.writeString(beforeID)
            $0.writeString("\(id)")
            $0.writeString(start)
            $0.writeString("\(moment)")
            $0.writeString(beforeClientID)
            $0.writeHex(UInt64(id))
            $0.writeString(end)
        }
    }

    /// When the message with this id was due.
    func acknowledged(_ id: Int) -> UInt64 {
        outstanding -= 1
        return moments[id % moments.count]
    }

    /// What the gateway makes of a message, byte for byte but for the values.
    private func sendBare(at moment: UInt64, number: Int) {
        socket.send {
            $0.writeString(
                """
                {"event":"newMessage","data":{"id":"01a1fe4f-f990-75d6-9e7e-f095d07b8f52",\
                "orderId":"01a1fe4f-f991-7b12-8c31-0b5a4d8e6f70","seq":\(number),"kind":"text",\
                "sender":{"id":"01a1fe4f-f992-7c4e-a4d2-7a3c1e5b9d80","name":"Bench 001","role":"Regular"},"content":"
                """)
            $0.writeString("\(moment)")
            $0.writeString(beforeClientID)
            $0.writeHex(UInt64(number))
            $0.writeString("\",\"createdAt\":\"2026-01-01T00:00:00.000Z\"}}")
        }
    }
}

extension ByteBuffer {
    /// Twelve hexadecimal digits.
    fileprivate mutating func writeHex(_ value: UInt64) {
        for shift in stride(from: 44, through: 0, by: -4) {
            let nibble = UInt8(truncatingIfNeeded: value >> UInt64(shift)) & 0xF
            writeInteger(nibble < 10 ? 48 + nibble : 87 + nibble)
        }
    }
}
