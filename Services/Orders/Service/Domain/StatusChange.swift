package import Contracts
package import Messaging

/// The status that a client asks for.
package struct StatusChange: Sendable, Equatable {
    package var status: OrderStatus

    /// - Throws: `malformed-json`, or `validation-failed`, also for an unknown status.
    package init(body: [UInt8]) throws(ServiceError) {
        var input = try InputReader(body: body)
        let status = input.choice(Orders.SetStatus.input.status)
        try input.finish()
        // A choice that was not made is a fault, so `finish` has thrown.
        guard let status else { throw .internal }
        self.status = status
    }
}
