import Messaging

/// One event as the stream delivered it, with what its acknowledgement needs.
struct StreamDelivery: Sendable {
    var event: StreamEvent
    /// Where an acknowledgement is sent. It also tells everything else about the delivery.
    var acknowledgement: String

    /// Reads `$JS.ACK.<stream>.<consumer>.<delivered>.<stream sequence>.<consumer sequence>.<time>.<pending>`; newer
    /// servers may put domain and account before the stream, and a random token at the end. `nil` for anything else.
    init?(subject: String, acknowledgement: String, message: Envelope) {
        // By bytes: a split by characters takes longer than all else that is done with a delivery.
        let tokens = acknowledgement.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false).map {
            Substring($0)
        }
        let first: Int
        switch tokens.count {
        case 9: first = 4
        case 11, 12: first = 6
        default: return nil
        }
        guard tokens[0] == "$JS", tokens[1] == "ACK", let delivery = Int(tokens[first]),
            let sequence = UInt64(tokens[first + 1])
        else { return nil }
        event = StreamEvent(subject: subject, message: message, sequence: sequence, delivery: delivery)
        self.acknowledgement = acknowledgement
    }
}
