package import Primitives

/// How many orders there are in each status.
package struct OrderStats: JSONCodable, Sendable, Equatable {
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

    package init(json: JSON) throws(JSONMismatch) {
        review = try json.get("Review")
        processing = try json.get("Processing")
        completed = try json.get("Completed")
    }

    package func write(to writer: inout JSONWriter) {
        writer.object {
            $0.field("Review", review)
            $0.field("Processing", processing)
            $0.field("Completed", completed)
            $0.field("total", review + processing + completed)
        }
    }
}
