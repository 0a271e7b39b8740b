package import Primitives

/// How many orders there are in each status.
package struct OrderStats: DescribedObject, Sendable, Equatable {
    /// Orders in `Review`.
    package var review: Int
    /// Orders in `Processing`.
    package var processing: Int
    /// Orders in `Completed`.
    package var completed: Int

    package init(review: Int, processing: Int, completed: Int) {
        self.review = review
        self.processing = processing
        self.completed = completed
    }

    package static let about = "How many orders there are in each status."

    package static let example = OrderStats(review: 3, processing: 1, completed: 7)

    package static func members<List: MemberList>(of object: inout Self, _ list: inout List) throws(List.Failure) {
        try list.member("Review", &object.review, "Orders in `Review`.")
        try list.member("Processing", &object.processing, "Orders in `Processing`.")
        try list.member("Completed", &object.completed, "Orders in `Completed`.")
        let total = object.review + object.processing + object.completed
        list.derived("total", total, "All of them.")
    }
}
