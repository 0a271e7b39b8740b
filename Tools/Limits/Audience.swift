internal import NIOCore
internal import NIOWebSocket

/// All open sockets, arranged by event loop: a message reaches a loop's sockets with one hop, from one buffer, and each
/// is flushed once.
final class Audience: Sendable {
    /// The sockets of one event loop, on which alone they are touched.
    private final class Row {
        var members: [ObjectIdentifier: any Channel] = [:]
    }

    private let rows: [(loop: any EventLoop, row: NIOLoopBoundBox<Row>)]

    init(loops: [any EventLoop]) {
        rows = loops.map { loop in
            (loop, NIOLoopBoundBox.makeBoxSendingValue(Row(), eventLoop: loop))
        }
    }

    /// On the channel's event loop.
    func insert(_ channel: any Channel) { row(of: channel)?.members[ObjectIdentifier(channel)] = channel }

    /// On the channel's event loop.
    func remove(_ channel: any Channel) { row(of: channel)?.members[ObjectIdentifier(channel)] = nil }

    func tell(_ text: ByteBuffer) {
        let frame = WebSocketFrame(fin: true, opcode: .text, data: text)
        for (loop, box) in rows {
            loop.execute {
                for channel in box.value.members.values { channel.writeAndFlush(frame, promise: nil) }
            }
        }
    }

    private func row(of channel: any Channel) -> Row? {
        rows.first { $0.loop === channel.eventLoop }?.row.value
    }
}

/// One socket of the audience.
final class AudienceMember: ChannelInboundHandler {
    typealias InboundIn = WebSocketFrame
    typealias OutboundOut = WebSocketFrame

    private let audience: Audience

    init(audience: Audience) { self.audience = audience }

    func handlerAdded(context: ChannelHandlerContext) { audience.insert(context.channel) }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let frame = unwrapInboundIn(data)
        switch frame.opcode {
        case .text: audience.tell(frame.unmaskedData)
        case .connectionClose: context.close(promise: nil)
        default: break
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        audience.remove(context.channel)
        context.fireChannelInactive()
    }
}
