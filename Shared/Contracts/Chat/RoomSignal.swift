package import Messaging
package import Primitives

/// What chat tells the gateways about a room as it happens, and gateways each other: at most once, so whoever must not
/// miss anything compares `seq`.
package struct RoomSignal: Sendable, Equatable {
    /// What happened. A gateway passes over a kind that it does not know.
    package enum Kind: String, Sendable, CaseIterable {
        case newMessage
        /// The closing summary: a `newMessage` after which the room is closed.
        case closingMessage
        case messagesRead
        /// From a gateway to the others: a `PresenceSignal`.
        case presence
        /// From a gateway to the others: a `TypingSignal`.
        case typing
    }

    package var kind: Kind
    package var orderID: Identifier
    /// The message's place; for `messagesRead` the place read up to. Gateways number their own: each signal about a room
    /// has a higher number than those that the gateway sent before.
    package var seq: Int
    /// The message's id; `nil` for `messagesRead`, from a chat that does not say, and from gateways.
    package var messageID: Identifier?
    /// Which gateway tells; `nil` from chat.
    package var gateway: GatewayID?
    /// From chat what clients get as the event's data, encoded.
    package var data: [UInt8]

    package init(
        kind: Kind, orderID: Identifier, seq: Int, messageID: Identifier? = nil, gateway: GatewayID? = nil,
        data: [UInt8]
    ) {
        self.kind = kind
        self.orderID = orderID
        self.seq = seq
        self.messageID = messageID
        self.gateway = gateway
        self.data = data
    }

    /// The subject of a room's signals.
    package static func subject(of orderID: Identifier) -> String { "live.room.\(orderID)" }

    package var subject: String { Self.subject(of: orderID) }

    /// The signal as it travels: what a gateway decides by stands in headers, so that it need not parse the data.
    package var envelope: Envelope {
        var headers = [Envelope.Header("event", kind.rawValue), Envelope.Header("seq", String(seq))]
        if let messageID { headers.append(Envelope.Header("id", messageID.description)) }
        if let gateway { headers.append(Envelope.Header("gateway", gateway.description)) }
        return Envelope(headers: headers, payload: data)
    }

    /// `nil` when this is no signal of a room that this version knows.
    package init?(subject: String, envelope: Envelope) {
        guard let last = subject.split(separator: ".").last, let orderID = Identifier(last),
            let kind = envelope["event"].flatMap(Kind.init(rawValue:)), let seq = envelope["seq"].flatMap({ Int($0) })
        else { return nil }
        self.init(
            kind: kind, orderID: orderID, seq: seq, messageID: envelope["id"].flatMap { Identifier($0) },
            gateway: envelope["gateway"].flatMap { GatewayID($0) }, data: envelope.payload)
    }
}
