/// Puts the packets of one client together: an event with binary arguments comes in several messages. A value; bounded
/// by `limit` and `SocketIOPacket.attachmentLimit`.
struct SocketIOReader {
    /// The most bytes that the attachments of one packet may have together.
    let limit: Int
    private var incomplete: (event: SocketIOEvent, isAnswer: Bool, missing: Int)?
    private var byteCount = 0

    init(limit: Int) { self.limit = limit }

    /// - Returns: a packet that is complete; `nil` when more messages belong to it. After a fault the next message
    ///   begins a packet.
    mutating func take(_ message: SocketMessage) throws(SocketIOFault) -> SocketIOPacket? {
        switch message {
        case .text(let text):
            guard incomplete == nil else {
                incomplete = nil
                throw .malformed("the packet before has attachments that did not come")
            }
            switch try SocketIOPacket(text) {
            case .event(let event, let count) where count > 0: return begin(event, false, count)
            case .acknowledgement(let event, let count) where count > 0: return begin(event, true, count)
            case let packet: return packet
            }
        case .binary(let data):
            guard var packet = incomplete else { throw .malformed("an attachment of no packet") }
            incomplete = nil
            byteCount += data.count
            guard byteCount <= limit else { throw .tooLarge }
            packet.event.attachments.append(data)
            packet.missing -= 1
            guard packet.missing == 0 else {
                incomplete = packet
                return nil
            }
            let count = packet.event.attachments.count
            return packet.isAnswer
                ? .acknowledgement(packet.event, attachments: count) : .event(packet.event, attachments: count)
        }
    }

    private mutating func begin(_ event: SocketIOEvent, _ isAnswer: Bool, _ count: Int) -> SocketIOPacket? {
        incomplete = (event, isAnswer, count)
        byteCount = 0
        return nil
    }
}
