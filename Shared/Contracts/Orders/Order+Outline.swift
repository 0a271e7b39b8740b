import Messaging
import Primitives

extension Order {
    /// Bytes of JSON up to which an event carries all of an order. The stream has a bound, and what one event takes,
    /// all others are kept a shorter time for.
    package static let eventLimit = 4096

    /// The order without what may be large.
    package var outline: Order {
        var outline = self
        outline.description = ""
        outline.specifications = .string("")
        outline.metadata = .null
        return outline
    }
}
