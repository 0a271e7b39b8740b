import NIOCore
import NIOWebSocket

/// Reads what a client sends over a WebSocket: frames, and messages out of them (RFC 6455 §5 and §8.1).
///
/// What the RFC forbids fails the connection at the first byte that shows it. A value: nothing is kept but the message
/// that is coming in, which is at most as large as `limit`.
struct FrameReader {
    enum Event: Equatable {
        case text([UInt8])
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
        let length: Int
        let mask: UInt32
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
    /// The header of the frame whose payload is awaited.
    private var header: Header?
    /// What has come of a message in fragments.
    private var fragments: [UInt8]?

    init(limit: Int) { self.limit = limit }

    /// The next thing to act on; `nil` when more bytes are needed. After a fault nothing more may be asked.
    mutating func next(from buffer: inout ByteBuffer) throws(Fault) -> Event? {
        while true {
            if header == nil { header = try readHeader(from: &buffer) }
            guard let header, let payload = buffer.readSlice(length: header.length) else { return nil }
            self.header = nil
            if let event = try take(header, Self.unmasked(payload, header.mask)) { return event }
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
        guard length <= limit - (opcode == Opcode.continuation ? fragments?.count ?? 0 : 0) else { throw .tooLarge }
        guard let mask = buffer.getInteger(at: maskStart, as: UInt32.self) else { return nil }
        buffer.moveReaderIndex(to: maskStart + 4)
        return Header(opcode: opcode, isFinal: isFinal, length: length, mask: mask)
    }

    private func check(_ opcode: UInt8, _ isFinal: Bool) throws(Fault) {
        switch opcode {
        case Opcode.continuation: guard fragments != nil else { throw .protocolError }
        case Opcode.text: guard fragments == nil else { throw .protocolError }
        case Opcode.binary: throw fragments == nil ? .binary : .protocolError
        case Opcode.close, Opcode.ping, Opcode.pong: guard isFinal else { throw .protocolError }
        default: throw .protocolError
        }
    }

    private mutating func take(_ header: Header, _ payload: [UInt8]) throws(Fault) -> Event? {
        switch header.opcode {
        case Opcode.ping: return .ping(ByteBuffer(bytes: payload))
        case Opcode.pong: return .pong
        case Opcode.close: return .close(try Self.closeCode(payload))
        default: break
        }
        var message = payload
        if var whole = fragments {
            fragments = nil
            whole += payload
            message = whole
        }
        guard header.isFinal else {
            fragments = message
            return nil
        }
        guard String(validating: message, as: UTF8.self) != nil else { throw .notUTF8 }
        return .text(message)
    }

    /// - Throws: for half a code, a code that may not stand on the wire (§7.4), or a reason that is no text.
    private static func closeCode(_ payload: [UInt8]) throws(Fault) -> SocketCloseCode? {
        if payload.isEmpty { return nil }
        guard payload.count >= 2 else { throw .protocolError }
        let code = UInt16(payload[0]) << 8 | UInt16(payload[1])
        switch code {
        case 1000...1003, 1007...1014, 3000...4999: break
        default: throw .protocolError
        }
        guard String(validating: payload[2...], as: UTF8.self) != nil else { throw .notUTF8 }
        return SocketCloseCode(codeNumber: Int(code))
    }

    private static func unmasked(_ payload: ByteBuffer, _ mask: UInt32) -> [UInt8] {
        let count = payload.readableBytes
        return payload.withUnsafeReadableBytes { masked in
            [UInt8](unsafeUninitializedCapacity: count) { bytes, initialized in
                var index = 0
                let wide = UInt64(mask.bigEndian) << 32 | UInt64(mask.bigEndian)
                let target = UnsafeMutableRawBufferPointer(bytes)
                // Eight bytes at once; the mask repeats after four.
                while index + 8 <= count {
                    let word = masked.loadUnaligned(fromByteOffset: index, as: UInt64.self)
                    target.storeBytes(of: word ^ wide, toByteOffset: index, as: UInt64.self)
                    index += 8
                }
                while index < count {
                    bytes[index] = masked[index] ^ UInt8(truncatingIfNeeded: mask >> UInt32(24 - index % 4 * 8))
                    index += 1
                }
                initialized = count
            }
        }
    }
}
