/// Lines that wait to be written, in order. Bounded in bytes; what does not fit is dropped.
struct LineQueue {
    /// Lines in a row for one descriptor.
    struct Batch: Equatable {
        let descriptor: Int32
        var bytes: [UInt8]
    }

    private let limit: Int
    private var batches: [Batch] = []
    private var size = 0

    init(limit: Int) { self.limit = limit }

    var isEmpty: Bool { batches.isEmpty }

    /// - Returns: the lines dropped: none, or all of `text`.
    mutating func append(_ text: String, to descriptor: Int32) -> Int {
        let bytes = text.utf8
        guard size + bytes.count <= limit else { return LineEnds.count(in: bytes) }
        size += bytes.count
        if let last = batches.indices.last, batches[last].descriptor == descriptor {
            batches[last].bytes.append(contentsOf: bytes)
        } else {
            batches.append(Batch(descriptor: descriptor, bytes: Array(bytes)))
        }
        return 0
    }

    /// `nil` when nothing waits.
    mutating func takeAll() -> [Batch]? {
        guard !batches.isEmpty else { return nil }
        defer {
            batches = []
            size = 0
        }
        return batches
    }
}
