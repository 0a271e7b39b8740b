internal import OrderlineClient

/// The customer and the Admin of the example, each with a session.
struct Example {
    let customer: Client
    let admin: Client

    /// Brings an order to where its story ends, from wherever it stands.
    func tell(_ story: Story) async throws {
        let order = try await placed(story)
        let room: RoomFacts = try await customer.call("GET", "/chat/rooms/\(order.id)")
        if room.isOpen {
            for (speaker, text) in story.talk.dropFirst(room.lastSeq) {
                let client = speaker == .customer ? customer : admin
                try await client.call("POST", "/chat/rooms/\(order.id)/messages", body: ["content": text])
                try await client.call(
                    "POST", "/chat/rooms/\(order.id)/read", body: ["seq": room.lastSeq + story.talk.count])
            }
            guard let summary = story.summary else { return }
            _ = try await admin.room(order.id).close(summary)
        }
        guard story.isCompleted, try await isProcessing(order.id) else { return }
        _ = try await admin.completeOrder(order.id)
    }

    private func placed(_ story: Story) async throws -> Order {
        for try await order in customer.orders() where order.description == story.order.description { return order }
        return try await customer.placeOrder(story.order)
    }

    /// Waits until the order has followed its room.
    /// - Returns: whether it can be completed; `false` when it has been.
    private func isProcessing(_ id: String) async throws -> Bool {
        for _ in 0..<100 {
            let status = try await admin.order(id).status
            if status != .review { return status == .processing }
            try await Task.sleep(for: .milliseconds(100))
        }
        return false
    }
}
