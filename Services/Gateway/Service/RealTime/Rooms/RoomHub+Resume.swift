import Contracts
import Messaging
import Primitives
import SocketServer

/// What becomes of a socket's rooms when its caller becomes another: what was granted at a join was granted to that
/// caller.
extension RoomHub {
    /// Brings a socket back into the rooms that `suspend` took it out of, where its caller of now may be: each is
    /// joined anew, and what the socket missed meanwhile comes as if it had never been away. Of the others it is told.
    func resume(_ socket: LiveSocket, _ places: [Identifier: Int], context: CallContext) async {
        await withDiscardingTaskGroup { group in
            // As many at once as one who has joined a thousand may take of chat's time.
            let slots = WorkSlots(8)
            for (orderID, place) in places {
                await slots.take()
                guard !socket.isClosed else { return }
                group.addTask {
                    await self.resume(socket, in: orderID, after: place, context)
                    slots.release()
                }
            }
        }
    }

    private func resume(
        _ socket: LiveSocket, in orderID: Identifier, after place: Int, _ context: CallContext
    ) async {
        do {
            try await join(socket, Chat.Join(orderID: orderID, after: place, limit: 100), context: context) {
                _, messages in
                for message in messages {
                    let closes = message["kind"].string == MessageKind.summary.rawValue
                    let events = RoomEvents.of(encoded: JSONWriter.encode(message), closes: closes)
                    for event in events ?? [] { socket.send(event) }
                }
            }
        } catch {
            guard error.code == .forbidden || error.code == .notFound else {
                // Nobody can say now whether it may stay.
                return socket.close(.reconnect)
            }
            let refusal = ServiceError(
                .forbidden, "You are not in this room any more.", extra: [JSONMember("orderId", .string("\(orderID)"))])
            socket.reply(
                to: nil, .failure(Problem(error: refusal, requestID: socket.requestID, instance: "joinRoom")))
        }
    }
}
