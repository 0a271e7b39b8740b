/// Writes whole lines, and remembers where one was torn by a failure: what comes next begins on a line of its own.
struct LineEnds {
    /// The descriptors whose last line has no end.
    private var torn: Set<Int32> = []

    /// - Returns: the lines that were not written whole; 0 when all were.
    mutating func write(_ bytes: [UInt8], to descriptor: Int32) -> Int {
        if torn.contains(descriptor) {
            guard Descriptor.write([UInt8(ascii: "\n")], to: descriptor).isWhole else { return Self.count(in: bytes) }
            torn.remove(descriptor)
        }
        let outcome = Descriptor.write(bytes, to: descriptor)
        guard !outcome.isWhole else { return 0 }
        if outcome.count > 0, bytes[outcome.count - 1] != UInt8(ascii: "\n") { torn.insert(descriptor) }
        return Self.count(in: bytes[outcome.count...])
    }

    /// Lines in a text, one without an end included.
    static func count(in bytes: some Collection<UInt8>) -> Int {
        var ends = 0
        var last: UInt8 = UInt8(ascii: "\n")
        for byte in bytes {
            if byte == UInt8(ascii: "\n") { ends += 1 }
            last = byte
        }
        return last == UInt8(ascii: "\n") ? ends : ends + 1
    }
}
