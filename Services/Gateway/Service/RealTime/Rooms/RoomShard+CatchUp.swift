import Contracts
import Messaging
import Primitives
import SocketServer

/// How a room comes by what its signals have not told.
extension RoomShard {
    /// What became of a page that a feed asked for.
    func take(_ page: RoomPages.Page?, for request: PageRequest) {
        let orderID = request.orderID
        guard var room = rooms[orderID], room.number == request.room else { return }
        guard let member = request.member else {
            guard let page else {
                rooms[orderID]?.feed.fetchFailed()
                behind.insert(orderID)
                return
            }
            let actions = room.feed.fetched(page.entries, hasMore: page.hasMore)
            rooms[orderID] = room
            return perform(actions, in: orderID)
        }
        guard room.members[member.id] != nil else { return }
        guard let page, let actions = room.feed.caughtUp(member.id, after: request.after, page.entries) else {
            // A socket that cannot get what it missed must not stay as if it had it.
            leave(member, orderID)
            member.close(.reconnect)
            return
        }
        rooms[orderID] = room
        perform(actions, in: orderID)
    }

    /// One of those who are in the room, `member` if it is given; another each time, so that one who is refused does
    /// not stand in the way of the others.
    func caller(in orderID: Identifier, _ member: LiveSocket?) -> Caller? {
        (member ?? rooms[orderID]?.members.values.randomElement())?.caller
    }

    /// Rooms with a gap that did not close by itself.
    func tickBehind() {
        for orderID in behind { tick(orderID, isUrgent: false) }
    }

    private func tick(_ orderID: Identifier, isUrgent: Bool) {
        guard var room = rooms[orderID] else {
            behind.remove(orderID)
            return
        }
        let actions = room.feed.tick(isUrgent: isUrgent)
        rooms[orderID] = room
        if room.feed.isBehind { behind.insert(orderID) } else { behind.remove(orderID) }
        perform(actions, in: orderID)
    }

    /// Compares what was delivered with what exists, for every room: finds messages whose signals were lost.
    func compareHeads(isUrgent: Bool) async {
        let ids = rooms.filter { !$0.value.members.isEmpty }.map(\.key)
        for start in stride(from: 0, to: ids.count, by: 500) {
            let part = Array(ids[start..<min(start + 500, ids.count)])
            let asked = part.reduce(into: [:]) { $0[$1] = rooms[$1].map { (number: $0.number, known: $0.feed.known) } }
            guard let heads = try? await bus.call(Chat.Heads(orderIDs: part), context: .background()) else { return }
            // A room that chat does not know any more has lost everything.
            var told = asked.mapValues { _ in 0 }
            for head in heads.rooms { told[head.orderID] = head.lastSeq }
            for (orderID, head) in told {
                guard let asked = asked[orderID], var room = rooms[orderID], room.number == asked.number else {
                    continue
                }
                let actions = room.feed.observe(head: head, askedAt: asked.known)
                rooms[orderID] = room
                perform(actions, in: orderID)
                if rooms[orderID]?.feed.isBehind ?? false { tick(orderID, isUrgent: isUrgent) }
            }
        }
    }
}
