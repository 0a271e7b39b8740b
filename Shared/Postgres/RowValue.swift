package import Primitives

/// What a column can be read as.
///
/// An enum with such a raw value needs no more than `extension OrderStatus: RowValue {}`; a raw value it does not know
/// is a `.decoding` error.
package protocol RowValue {
    /// - Throws: `.decoding`, naming column and types, for a type that this is not read from, a value that it cannot
    ///   hold, and NULL.
    static func decode(_ cell: Cell) throws(DatabaseError) -> Self
}

extension String: RowValue {
    /// From text, character types, `name`, JSON and enums.
    package static func decode(_ cell: Cell) throws(DatabaseError) -> String {
        let bytes = try cell.text(for: String.self)
        guard let text = String(validating: bytes, as: UTF8.self) else { throw cell.malformed(String.self) }
        return text
    }
}

extension JSONText: RowValue {
    /// From whatever `String` is read from; it is not parsed.
    package static func decode(_ cell: Cell) throws(DatabaseError) -> JSONText { JSONText(try String.decode(cell)) }
}

extension Cell {
    /// The text of a value that has one; `jsonb` without the version that its binary format starts with.
    fileprivate func text<T>(for wanted: T.Type) throws(DatabaseError) -> UnsafeRawBufferPointer {
        switch type {
        case .text, .varchar, .bpchar, .name, .json, .unknown: return try notNull(wanted)
        case .jsonb:
            let bytes = try notNull(wanted)
            guard bytes.first == 1 else { throw malformed(wanted) }
            return UnsafeRawBufferPointer(rebasing: bytes.dropFirst())
        default:
            guard type.isUserDefined else { throw mismatch(wanted) }
            return try notNull(wanted)
        }
    }
}

extension Int64: RowValue {
    /// From `smallint`, `integer`, `bigint` and `oid`. (`sum` of `bigint` is `numeric`: cast it.)
    package static func decode(_ cell: Cell) throws(DatabaseError) -> Int64 {
        switch cell.type {
        case .int8: return try cell.integer(cell.notNull(Int64.self), Int64.self)
        case .int4: return Int64(try cell.integer(cell.notNull(Int64.self), Int32.self))
        case .int2: return Int64(try cell.integer(cell.notNull(Int64.self), Int16.self))
        case .oid: return Int64(try cell.integer(cell.notNull(Int64.self), UInt32.self))
        default: throw cell.mismatch(Int64.self)
        }
    }
}

extension Int: RowValue {
    /// From whatever `Int64` is read from.
    package static func decode(_ cell: Cell) throws(DatabaseError) -> Int { Int(try Int64.decode(cell)) }
}

extension Int32: RowValue {
    /// From `smallint` and `integer`.
    package static func decode(_ cell: Cell) throws(DatabaseError) -> Int32 {
        switch cell.type {
        case .int4: return try cell.integer(cell.notNull(Int32.self), Int32.self)
        case .int2: return Int32(try cell.integer(cell.notNull(Int32.self), Int16.self))
        default: throw cell.mismatch(Int32.self)
        }
    }
}

extension Bool: RowValue {
    /// From `boolean`.
    package static func decode(_ cell: Cell) throws(DatabaseError) -> Bool {
        let bytes = try cell.bytes(for: Bool.self, .bool)
        guard bytes.count == 1 else { throw cell.malformed(Bool.self) }
        return bytes[0] != 0
    }
}

extension Double: RowValue {
    /// From `real` and `double precision`; not from `numeric`, which may hold more.
    package static func decode(_ cell: Cell) throws(DatabaseError) -> Double {
        switch cell.type {
        case .float8: return Double(bitPattern: try cell.integer(cell.notNull(Double.self), UInt64.self))
        case .float4: return Double(Float(bitPattern: try cell.integer(cell.notNull(Double.self), UInt32.self)))
        default: throw cell.mismatch(Double.self)
        }
    }
}

extension Identifier: RowValue {
    /// From `uuid`.
    package static func decode(_ cell: Cell) throws(DatabaseError) -> Identifier {
        let bytes = try cell.bytes(for: Identifier.self, .uuid)
        guard bytes.count == 16 else { throw cell.malformed(Identifier.self) }
        return Identifier(
            high: UInt64(bigEndian: bytes.loadUnaligned(as: UInt64.self)),
            low: UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self)))
    }
}

extension Timestamp: RowValue {
    /// Microseconds of the year 2000 onward, rounded down to milliseconds. `infinity` is an error.
    package static func decode(_ cell: Cell) throws(DatabaseError) -> Timestamp {
        let bytes = try cell.bytes(for: Timestamp.self, .timestamptz)
        let microseconds = try cell.integer(bytes, Int64.self)
        guard microseconds != .max, microseconds != .min else { throw cell.malformed(Timestamp.self) }
        let milliseconds = microseconds >= 0 ? microseconds / 1000 : (microseconds - 999) / 1000
        return Timestamp(milliseconds: milliseconds + 946_684_800_000)
    }
}

extension Optional: RowValue where Wrapped: RowValue {
    /// `nil` for NULL; else as `Wrapped`.
    package static func decode(_ cell: Cell) throws(DatabaseError) -> Wrapped? {
        cell.bytes == nil ? nil : try Wrapped.decode(cell)
    }
}

extension RowValue where Self: RawRepresentable, RawValue: RowValue {
    /// From whatever the raw value is read from. One that the enum does not know is an error and never another case.
    package static func decode(_ cell: Cell) throws(DatabaseError) -> Self {
        guard let value = Self(rawValue: try RawValue.decode(cell)) else { throw cell.malformed(Self.self) }
        return value
    }
}

extension UInt8 {
    /// A whole value as bytes: `bytea`, or the text of what `String` is read from.
    static func decodeBytes(_ cell: Cell) throws(DatabaseError) -> [UInt8] {
        cell.type == .bytea ? Array(try cell.notNull([UInt8].self)) : Array(try cell.text(for: [UInt8].self))
    }
}
