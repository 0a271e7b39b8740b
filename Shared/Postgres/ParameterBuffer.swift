/// The parameters of a statement in PostgreSQL's text format, one after the other in one allocation, each ended by a
/// NUL as libpq wants it.
package struct ParameterBuffer: Sendable {
    private(set) var bytes: [UInt8] = []
    /// Where each parameter starts in `bytes`; `-1` is NULL.
    private(set) var starts: [Int] = []
    /// The 1-based number of the first text with a NUL in it. PostgreSQL has no such text, and libpq would cut it there
    /// without a word.
    private(set) var firstWithNUL: Int?

    var count: Int { starts.count }

    mutating func reserveCapacity(_ parameters: Int) {
        starts.reserveCapacity(parameters)
        bytes.reserveCapacity(parameters * 24)
    }

    /// NULL.
    package mutating func appendNull() { starts.append(-1) }

    /// The text of one parameter.
    package mutating func append(text: some StringProtocol) {
        append { $0.append(contentsOf: text.utf8) }
    }

    /// One parameter written by `write`, which may only add to the end.
    mutating func append(_ write: (inout [UInt8]) -> Void) {
        let start = bytes.count
        starts.append(start)
        write(&bytes)
        if firstWithNUL == nil, bytes[start...].contains(0) { firstWithNUL = starts.count }
        bytes.append(0)
    }

    mutating func append(_ other: ParameterBuffer) {
        let shift = bytes.count
        if firstWithNUL == nil, let number = other.firstWithNUL { firstWithNUL = number + starts.count }
        bytes.append(contentsOf: other.bytes)
        for start in other.starts { starts.append(start < 0 ? -1 : start + shift) }
    }

    /// Calls `body` with the array of C strings libpq takes, valid only in it.
    func withPointers<R>(_ body: (UnsafePointer<UnsafePointer<CChar>?>?) -> R) -> R {
        guard !starts.isEmpty else { return body(nil) }
        return bytes.withUnsafeBytes { raw in
            let base = raw.baseAddress?.assumingMemoryBound(to: CChar.self)
            return withUnsafeTemporaryAllocation(of: UnsafePointer<CChar>?.self, capacity: starts.count) { pointers in
                for (index, start) in starts.enumerated() {
                    pointers.initializeElement(at: index, to: start < 0 ? nil : base.map { $0 + start })
                }
                return body(pointers.baseAddress.map { UnsafePointer($0) })
            }
        }
    }
}
