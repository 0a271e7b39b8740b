import Primitives

/// Where an order stands. Which moves there are is the orders service's to say (`OrderMove`).
package enum OrderStatus: String, DescribedWord {
    package static let about = "Where an order stands."

    case review = "Review"
    case processing = "Processing"
    case completed = "Completed"
}
