import OrderlineClient

/// The example of the client's page, as it stands there.
func guide(_ origin: String, email: String, password: String) async throws {
    let client = try Client(origin: origin)
    try await client.logIn(email: email, password: password)
    let order = try await client.placeOrder(
        OrderDraft(description: "Oak table, 180 × 90 cm", specifications: ["finish": "oiled"], quantity: 1))

    let room = client.room(order.id)
    for try await event in room.events {
        switch event {
        case .state(.live, _): Task { try await room.send("Could it be ready by Friday?") }
        case .message(let message): print("\(message.sender.name): \(message.content)")
        case .closed(let notice): print("Agreed: \(notice.summary)")
        default: break
        }
        if case .closed = event { break }
    }
    await client.close()
}
