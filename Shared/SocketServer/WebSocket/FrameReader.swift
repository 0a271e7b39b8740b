import NIOCore
import NIOWebSocket

/// Reads what a client sends over a WebSocket: frames, and messages out of them (RFC 6455 §5 and §8.1).
///
/// What the RFC forbids fails the connection at the first byte that shows it, also within a frame and within a character.
/// A value: nothing is kept but what has come of one message, at most `limit` bytes of it, and memory is taken for what
/// has come, not for what a header announces. A message takes time in proportion to its length, in however many
/// fragments and pieces it comes.
struct FrameReader {
    enum Event: Equatable {
        /// Valid UTF-8.
        case text([UInt8])
        /// Only from a reader that accepts it.
        case binary([UInt8])
        case ping(ByteBuffer)
        case pong
        /// `nil`: the client gave no reason.
        case close(SocketCloseCode?)
    }

    /// Why the connection fails: the code that it is closed with.
    struct Fault: Error, Equatable {
        let code: SocketCloseCode

        static let protocolError = Fault(code: .protocolError)
        static let binary = Fault(code: .unacceptableData)
        static let notUTF8 = Fault(code: .dataInconsistentWithMessage)
        static let tooLarge = Fault(code: .messageTooLarge)
    }

    private struct Header {
        let opcode: UInt8
        let isFinal: Bool
        /// How much of the payload has not been taken.
        var remaining: Int
        /// The key as it begins at the next byte of the payload.
        var mask: UInt32

        var isControl: Bool { opcode & 0x8 != 0 }
    }

    private enum Opcode {
        static let continuation: UInt8 = 0x0
        static let text: UInt8 = 0x1
        static let binary: UInt8 = 0x2
        static let close: UInt8 = 0x8
        static let ping: UInt8 = 0x9
        static let pong: UInt8 = 0xA
    }

    /// The largest message, in bytes; fragments count together.
    let limit: Int
    /// Whether binary messages are read; otherwise they fail the connection.
    let acceptsBinary: Bool
    /// The header of the frame whose payload is awaited.
    private var header: Header?
    /// Whether a message in fragments has begun, and not come to its end.
    private var isFragmented = false
    /// Whether the message is one of text; said by its first frame.
    private var isText = false
    /// What has come of the message, unmasked.
    private var message: [UInt8] = []
    /// How far `message` is text.
    private var validator = UTF8Validator()

    init(limit: Int, acceptsBinary: Bool = false) {
        self.limit = limit
        self.acceptsBinary = acceptsBinary
    }

    /// The next thing to act on; `nil` when more bytes are needed. After a fault nothing more may be asked.
    ///
    /// What is left in `buffer` then is less than a header, or than a control frame's payload: at most 124 bytes.
    mutating func next(from buffer: inout ByteBuffer) throws(Fault) -> Event? {
        while true {
            if header == nil { header = try readHeader(from: &buffer) }
            guard let header else { return nil }
            if header.isControl {
                guard let payload = buffer.readSlice(length: header.remaining) else { return nil }
                self.header = nil
                return try Self.control(header.opcode, Self.unmasked(payload.readableBytesView, header.mask))
            }
            try takePayload(of: header, from: &buffer)
            guard self.header == nil else { return nil }
            if header.isFinal { return try endMessage() }
        }
    }

    private func readHeader(from buffer: inout ByteBuffer) throws(Fault) -> Header? {
        let start = buffer.readerIndex
        guard let first = buffer.getInteger(at: start, as: UInt8.self) else { return nil }
        // No extension was agreed on, so the three bits beside the opcode mean nothing.
        guard first & 0x70 == 0 else { throw .protocolError }
        let opcode = first & 0x0F
        let isFinal = first & 0x80 != 0
        try check(opcode, isFinal)
        guard let second = buffer.getInteger(at: start + 1, as: UInt8.self) else { return nil }
        // A client that does not mask is none, or something between us has changed its bytes (§5.1).
        guard second & 0x80 != 0 else { throw .protocolError }
        let short = Int(second & 0x7F)
        if opcode & 0x8 != 0, short > 125 { throw .protocolError }
        // Half a code.
        if opcode == Opcode.close, short == 1 { throw .protocolError }
        let length: Int
        let maskStart: Int
        switch short {
        case 126:
            guard let long = buffer.getInteger(at: start + 2, as: UInt16.self) else { return nil }
            guard long > 125 else { throw .protocolError }
            (length, maskStart) = (Int(long), start + 4)
        case 127:
            guard let long = buffer.getInteger(at: start + 2, as: UInt64.self) else { return nil }
            guard long > UInt16.max, long <= Int64.max else { throw .protocolError }
            (length, maskStart) = (Int(long), start + 10)
        default: (length, maskStart) = (short, start + 2)
        }
        if opcode & 0x8 == 0, length > limit - message.count { throw .tooLarge }
        guard let mask = buffer.getInteger(at: maskStart, as: UInt32.self) else { return nil }
        buffer.moveReaderIndex(to: maskStart + 4)
        return Header(opcode: opcode, isFinal: isFinal, remaining: length, mask: mask)
    }

    private func check(_ opcode: UInt8, _ isFinal: Bool) throws(Fault) {
        switch opcode {
        case Opcode.continuation: guard isFragmented else { throw .protocolError }
        case Opcode.text: guard !isFragmented else { throw .protocolError }
        case Opcode.binary:
            guard !isFragmented else { throw .protocolError }
            guard acceptsBinary else { throw .binary }
        case Opcode.close, Opcode.ping, Opcode.pong: guard isFinal else { throw .protocolError }
        default: throw .protocolError
        }
    }

    /// Takes what has come of a data frame's payload; `self.header` is `nil` afterwards when that is all of it.
    private mutating func takePayload(of header: Header, from buffer: inout ByteBuffer) throws(Fault) {
        if header.opcode != Opcode.continuation { isText = header.opcode == Opcode.text }
        let count = min(header.remaining, buffer.readableBytes)
        let start = message.count
        let masked = buffer.readableBytesView.prefix(count)
        // The first bytes, and so most messages, get an array of their size.
        if start == 0 { message = Self.unmasked(masked, header.mask) } else { append(masked, header.mask) }
        buffer.moveReaderIndex(forwardBy: count)
        if isText {
            let isValid = message.withUnsafeBytes { validator.accept(UnsafeRawBufferPointer(rebasing: $0[start...])) }
            guard isValid else { throw .notUTF8 }
        }
        guard count == header.remaining else {
            self.header?.remaining -= count
            self.header?.mask = Self.rotated(header.mask, by: count)
            return
        }
        self.header = nil
        isFragmented = !header.isFinal
    }

    /// Hands the message out, and is ready for the next.
    private mutating func endMessage() throws(Fault) -> Event {
        guard validator.isComplete else { throw .notUTF8 }
        let whole = message
        message = []
        return isText ? .text(whole) : .binary(whole)
    }

    private static func control(_ opcode: UInt8, _ payload: [UInt8]) throws(Fault) -> Event {
        switch opcode {
        case Opcode.ping: .ping(ByteBuffer(bytes: payload))
        case Opcode.pong: .pong
        default: .close(try closeCode(payload))
        }
    }

    /// - Throws: for a code that may not stand on the wire (§7.4), or a reason that is no text.
    private static func closeCode(_ payload: [UInt8]) throws(Fault) -> SocketCloseCode? {
        guard payload.count >= 2 else { return nil }
        let code = UInt16(payload[0]) << 8 | UInt16(payload[1])
        switch code {
        case 1000...1003, 1007...1014, 3000...4999: break
        default: throw .protocolError
        }
        guard String(validating: payload[2...], as: UTF8.self) != nil else { throw .notUTF8 }
        return SocketCloseCode(codeNumber: Int(code))
    }

    private mutating func append(_ masked: ByteBufferView, _ mask: UInt32) {
        let start = message.count
        masked.withUnsafeBytes { message.append(contentsOf: $0) }
        message.withUnsafeMutableBytes { bytes in
            let added = UnsafeMutableRawBufferPointer(rebasing: bytes[start...])
            Self.unmask(UnsafeRawBufferPointer(added), mask, into: added)
        }
    }

    private static func unmasked(_ masked: ByteBufferView, _ mask: UInt32) -> [UInt8] {
        masked.withUnsafeBytes { masked in
            [UInt8](unsafeUninitializedCapacity: masked.count) { bytes, initialized in
                unmask(masked, mask, into: UnsafeMutableRawBufferPointer(bytes))
                initialized = masked.count
            }
        }
    }

    /// `target` has room for all of `masked`, and may be the same memory.
    private static func unmask(
        _ masked: UnsafeRawBufferPointer, _ mask: UInt32, into target: UnsafeMutableRawBufferPointer
    ) {
        let count = masked.count
        var index = 0
        let wide = UInt64(mask.bigEndian) << 32 | UInt64(mask.bigEndian)
        // Eight bytes at once; the mask repeats after four.
        while index + 8 <= count {
            let word = masked.loadUnaligned(fromByteOffset: index, as: UInt64.self)
            target.storeBytes(of: word ^ wide, toByteOffset: index, as: UInt64.self)
            index += 8
        }
        while index < count {
            target[index] = masked[index] ^ UInt8(truncatingIfNeeded: mask >> UInt32(24 - index % 4 * 8))
            index += 1
        }
    }

    /// The mask as it goes on after `count` bytes.
    private static func rotated(_ mask: UInt32, by count: Int) -> UInt32 {
        let bits = UInt32(count % 4 * 8)
        return mask << bits | mask >> (32 - bits)
    }
}
