package import Messaging

/// What a gateway tells the others of itself: what it has announced of rooms counts for as long as this is heard.
package struct GatewaySignal: Sendable, Equatable {
    /// What a gateway may say. One passes over what it does not know.
    package enum Kind: String, Sendable, CaseIterable {
        /// It is there, and has sockets in rooms.
        case alive
        /// From now on it has none: what it has announced is to be forgotten.
        case left
    }

    package var kind: Kind
    package var gateway: GatewayID

    package init(_ kind: Kind, of gateway: GatewayID) {
        self.kind = kind
        self.gateway = gateway
    }

    /// By which the signals of all gateways are heard.
    package static let pattern = "live.gateway.*"

    package var subject: String { "live.gateway.\(gateway)" }

    /// The signal as it travels.
    package var envelope: Envelope { Envelope(headers: [Envelope.Header("event", kind.rawValue)]) }

    /// `nil` when this is no signal of a gateway that this version knows.
    package init?(subject: String, envelope: Envelope) {
        guard let gateway = subject.split(separator: ".").last.flatMap({ GatewayID($0) }),
            let kind = envelope["event"].flatMap(Kind.init(rawValue:))
        else { return nil }
        self.init(kind, of: gateway)
    }
}
