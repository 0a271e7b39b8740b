package import Primitives

/// Where an order stands. Which moves there are is the orders service's to say (`OrderMove`).
package enum OrderStatus: String, Sendable, CaseIterable {
    case review = "Review"
    case processing = "Processing"
    case completed = "Completed"
}

extension OrderStatus: JSONCodable {
    package init(json: JSON) throws(JSONMismatch) {
        guard let text = json.string, let status = OrderStatus(rawValue: text) else {
            throw JSONMismatch(expected: "an order status")
        }
        self = status
    }

    package func write(to writer: inout JSONWriter) { writer.string(rawValue) }
}
