package import Primitives

/// What can be an element of an array read from a column.
package protocol RowArrayElement {
    /// Reads a whole array. Only `UInt8`, whose array is a `bytea`, has another one than the default.
    static func decodeArray(_ cell: Cell) throws(DatabaseError) -> [Self]
}

extension Array: RowValue where Element: RowArrayElement {
    /// From an array of one dimension whose elements `Element` is read from; `[UInt8]` from `bytea`.
    package static func decode(_ cell: Cell) throws(DatabaseError) -> [Element] { try Element.decodeArray(cell) }
}

extension RowArrayElement where Self: RowValue {
    /// Reads the elements one by one, each as the server's binary format has it.
    /// - Throws: `.decoding`, also for more than one dimension.
    package static func decodeArray(_ cell: Cell) throws(DatabaseError) -> [Self] {
        guard cell.type.mayBeArray else { throw cell.mismatch([Self].self) }
        var reader = ArrayReader(bytes: try cell.notNull([Self].self), cell: cell)
        let (count, type) = try reader.header([Self].self)
        var elements: [Self] = []
        elements.reserveCapacity(count)
        for _ in 0..<count {
            let bytes = try reader.element([Self].self)
            elements.append(try Self.decode(Cell(bytes: bytes, type: type, storage: cell.storage, column: cell.column)))
        }
        return elements
    }
}

/// Steps through the binary format of an array of one dimension (`array_send` in the server's `arrayfuncs.c`).
private struct ArrayReader {
    private let bytes: UnsafeRawBufferPointer
    private let cell: Cell
    private var offset = 0

    init(bytes: UnsafeRawBufferPointer, cell: Cell) {
        self.bytes = bytes
        self.cell = cell
    }

    /// Dimensions, a flag for NULLs, the type of the elements, then for each dimension its length and lower bound.
    mutating func header<T>(_ wanted: T.Type) throws(DatabaseError) -> (count: Int, type: PostgresType) {
        let dimensions = try integer(wanted)
        _ = try integer(wanted)
        let type = PostgresType(rawValue: UInt32(bitPattern: try integer(wanted)))
        guard dimensions != 0 else { return (0, type) }
        guard dimensions == 1 else { throw cell.malformed(wanted) }
        let count = try integer(wanted)
        _ = try integer(wanted)
        // Each element takes four bytes at least: so a damaged count reserves no more than what arrived.
        guard count >= 0, Int(count) <= (bytes.count - offset) / 4 else { throw cell.malformed(wanted) }
        return (Int(count), type)
    }

    mutating func element<T>(_ wanted: T.Type) throws(DatabaseError) -> UnsafeRawBufferPointer? {
        let length = try integer(wanted)
        guard length >= 0 else { return nil }
        guard Int(length) <= bytes.count - offset else { throw cell.malformed(wanted) }
        defer { offset += Int(length) }
        return UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + Int(length)])
    }

    private mutating func integer<T>(_ wanted: T.Type) throws(DatabaseError) -> Int32 {
        guard bytes.count - offset >= 4 else { throw cell.malformed(wanted) }
        defer { offset += 4 }
        return Int32(bigEndian: bytes.loadUnaligned(fromByteOffset: offset, as: Int32.self))
    }
}

extension String: RowArrayElement {}
extension Int: RowArrayElement {}
extension Int32: RowArrayElement {}
extension Int64: RowArrayElement {}
extension Bool: RowArrayElement {}
extension Double: RowArrayElement {}
extension Identifier: RowArrayElement {}
extension Timestamp: RowArrayElement {}
extension JSONText: RowArrayElement {}
extension Optional: RowArrayElement where Wrapped: RowValue {}
/// So that a `bytea[]` is `[[UInt8]]`.
extension Array: RowArrayElement where Element: RowArrayElement {}

/// Not a value by itself: only so that a `bytea` is `[UInt8]`.
extension UInt8: RowArrayElement {
    /// The bytes of a `bytea`, or of a text.
    package static func decodeArray(_ cell: Cell) throws(DatabaseError) -> [UInt8] { try decodeBytes(cell) }
}
