package import Messaging
package import Primitives

/// What a gateway tells the others of requests that it has allowed, so that a budget is one for all of them.
package struct RateSignal: Sendable, Equatable {
    /// So many more of one budget. What the key says, gateways know.
    package struct Use: JSONCodable, Sendable, Equatable {
        package var key: String
        package var count: Int

        package init(_ key: String, _ count: Int) {
            self.key = key
            self.count = count
        }

        package init(json: JSON) throws(JSONMismatch) {
            key = try json.get("key")
            count = try json.get("count")
        }

        package func write(to writer: inout JSONWriter) {
            writer.object {
                $0.field("key", key)
                $0.field("count", count)
            }
        }
    }

    /// Budgets in one signal at most.
    package static let limit = 1000
    package static let subject = "live.limits"

    package var gateway: GatewayID
    package var uses: [Use]

    package init(of gateway: GatewayID, _ uses: [Use]) {
        self.gateway = gateway
        self.uses = uses
    }

    /// The signal as it travels.
    package var envelope: Envelope {
        var writer = JSONWriter()
        writer.object {
            $0.field("gateway", gateway.description)
            $0.field("uses", uses)
        }
        return Envelope(payload: writer.bytes)
    }

    /// `nil` when this is no such signal, or too long.
    package init?(_ envelope: Envelope) {
        guard let json = try? JSONParser.parse(envelope.payload).value,
            let gateway = json["gateway"].string.flatMap({ GatewayID($0) }),
            let uses = try? json.get("uses", as: [Use].self), uses.count <= Self.limit
        else { return nil }
        self.init(of: gateway, uses)
    }
}
