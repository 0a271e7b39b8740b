import Messaging
import Testing

@testable import NATSTransport

@Suite struct StreamDeliveryTests {
    @Test(
        "Position and count of deliveries are read from the acknowledgement subject of old and new servers",
        arguments: [
            "$JS.ACK.EVENTS.chat-from-orders.3.17.21.1795259549440323465.4",
            "$JS.ACK.hub.xyzzy.EVENTS.chat-from-orders.3.17.21.1795259549440323465.4",
            "$JS.ACK._.xyzzy.EVENTS.chat-from-orders.3.17.21.1795259549440323465.4.r4nd0m",
        ])
    func parse(subject: String) throws {
        let delivery = try #require(
            StreamDelivery(subject: "orders.event.x", acknowledgement: subject, message: Envelope()))
        #expect(delivery.event.delivery == 3)
        #expect(delivery.event.sequence == 17)
    }

    @Test(
        "Anything else is no delivery",
        arguments: [
            "", "$JS.ACK", "_INBOX.a.b", "$JS.ACK.EVENTS.c.x.17.21.5.4", "$JS.ACK.EVENTS.c.1.-1.21.5.4",
            "$KV.ACK.EVENTS.c.1.2.3.4.5",
            "$JS.ACK.EVENTS.c.1.2.3.4",
        ])
    func refuse(subject: String) {
        #expect(StreamDelivery(subject: "s", acknowledgement: subject, message: Envelope()) == nil)
    }
}
