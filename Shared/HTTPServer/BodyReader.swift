package import NIOCore

/// Finds the end of a body, counted or in chunks (RFC 9112 §6.2 and §7.1). Extensions of chunks and trailers are read
/// by the grammar and thrown away.
package struct BodyReader {
    private enum State: Equatable {
        case counted(Int)
        case chunkSize
        case chunk(Int)
        case chunkEnd
        case trailers
        case done
    }

    /// The longest line that tells a chunk's size, and the most that trailers may have in all.
    private static let sizeLineLimit = 256
    private static let trailerLimit = 8 * 1024

    private var state: State
    private var trailerBytes = 0

    /// - Parameter framing: as the head of the request told it; without a body the reader is done at once.
    package init(_ framing: RequestHead.Framing) {
        state =
            switch framing {
            case .none: .done
            case .length(let length): .counted(length)
            case .chunked: .chunkSize
            }
    }

    /// Whether the end of the body has been found.
    package var isComplete: Bool { state == .done }

    /// Bytes still to come, where that is known.
    package var remaining: Int? {
        switch state {
        case .counted(let count): count
        case .done: 0
        default: nil
        }
    }

    /// The next piece of the body; `nil` when there is none in `buffer`, or the body is complete.
    package mutating func next(from buffer: inout ByteBuffer) throws(Refusal) -> ByteBuffer? {
        while true {
            switch state {
            case .done: return nil
            case .counted(let count), .chunk(let count):
                guard let piece = buffer.readSlice(length: min(count, buffer.readableBytes)), piece.readableBytes > 0
                else { return nil }
                let rest = count - piece.readableBytes
                if case .chunk = state {
                    state = rest == 0 ? .chunkEnd : .chunk(rest)
                } else {
                    state = rest == 0 ? .done : .counted(rest)
                }
                return piece
            case .chunkSize:
                guard let size = try Self.line(from: &buffer, limit: Self.sizeLineLimit, Self.size) else { return nil }
                state = size == 0 ? .trailers : .chunk(size)
            case .chunkEnd:
                guard try Self.line(from: &buffer, limit: 0, { (_) throws(Refusal) in }) != nil else { return nil }
                state = .chunkSize
            case .trailers:
                let taken = try Self.line(from: &buffer, limit: Self.trailerLimit - trailerBytes) {
                    (line) throws(Refusal) -> Int in
                    if !line.isEmpty { _ = try FieldSection.split(line) }
                    return line.count
                }
                guard let taken else { return nil }
                trailerBytes += taken + 2
                if taken == 0 { state = .done }
                guard trailerBytes <= Self.trailerLimit else { throw .malformed }
            }
        }
    }

    /// Takes a line of at most `limit` bytes out of `buffer`; `nil` when its end has not come.
    private static func line<Result>(
        from buffer: inout ByteBuffer, limit: Int, _ read: (UnsafeRawBufferPointer) throws(Refusal) -> Result
    ) throws(Refusal) -> Result? {
        let result: (Int, Result)? = try withBytes(of: buffer) { (bytes) throws(Refusal) in
            guard let end = bytes.offset(of: 0x0A) else {
                guard bytes.count <= limit + 1, bytes.isEmpty || bytes.count <= limit || bytes[limit] == 0x0D else {
                    throw .malformed
                }
                return nil
            }
            guard end > 0, end - 1 <= limit, bytes[end - 1] == 0x0D else { throw .malformed }
            return (end + 1, try read(bytes.slice(0..<end - 1)))
        }
        guard let result else { return nil }
        buffer.moveReaderIndex(forwardBy: result.0)
        return result.1
    }

    /// `ByteBuffer`'s own function forgets which errors are thrown.
    private static func withBytes<Result>(
        of buffer: ByteBuffer, _ body: (UnsafeRawBufferPointer) throws(Refusal) -> Result
    ) throws(Refusal) -> Result {
        let outcome = buffer.withUnsafeReadableBytes { bytes -> Swift.Result<Result, Refusal> in
            do throws(Refusal) { return .success(try body(bytes)) } catch { return .failure(error) }
        }
        return try outcome.get()
    }

    /// At most eight digits: no chunk has more than 4 GiB, and none need be padded.
    private static func size(_ line: UnsafeRawBufferPointer) throws(Refusal) -> Int {
        let end = line.firstIndex { !ByteClass.of($0).contains(.hexDigit) } ?? line.count
        guard (1...8).contains(end) else { throw .malformed }
        if end < line.count {
            guard line[end] == UInt8(ascii: ";"), ByteClass.all(line.slice(end..<line.count), are: .fieldValue) else {
                throw .malformed
            }
        }
        return line[..<end].reduce(0) { $0 << 4 | Int($1 & 0x0F) + ($1 >= UInt8(ascii: "A") ? 9 : 0) }
    }
}
