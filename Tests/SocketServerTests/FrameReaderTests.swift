import NIOCore
import NIOWebSocket
import TestKit
import Testing

@testable import SocketServer

@Suite(.bounded(minutes: 60))
struct FrameReaderTests {
    typealias Fault = FrameReader.Fault

    /// A client's frame: masked, unless told otherwise.
    static func frame(
        _ first: UInt8, _ payload: [UInt8] = [], isMasked: Bool = true, length: [UInt8]? = nil,
        mask: [UInt8] = [0x37, 0xFA, 0x21, 0x3D]
    ) -> [UInt8] {
        let size: [UInt8]
        switch payload.count {
        case ..<126: size = [UInt8(payload.count)]
        case ..<65_536: size = [126, UInt8(payload.count >> 8), UInt8(payload.count & 0xFF)]
        default: size = [127, 0, 0, 0, 0] + (0..<4).map { UInt8(payload.count >> (24 - $0 * 8) & 0xFF) }
        }
        var bytes = length ?? size
        guard isMasked else { return [first] + bytes + payload }
        bytes[0] |= 0x80
        return [first] + bytes + mask + payload.enumerated().map { $1 ^ mask[$0 % 4] }
    }

    static func text(_ text: String, _ first: UInt8 = 0x81) -> [UInt8] { frame(first, Array(text.utf8)) }

    private static func close(_ code: Int, _ reason: [UInt8] = []) -> [UInt8] {
        frame(0x88, [UInt8(code >> 8), UInt8(code & 0xFF)] + reason)
    }

    /// Everything that is read until the bytes or the connection end, the bytes coming `size` at once.
    func read(
        _ bytes: [UInt8], size: Int = .max, limit: Int = 200, acceptsBinary: Bool = false
    ) -> ([FrameReader.Event], Fault?) {
        var reader = FrameReader(limit: limit, acceptsBinary: acceptsBinary)
        var buffer = ByteBuffer()
        var events: [FrameReader.Event] = []
        var rest = bytes[...]
        while !rest.isEmpty {
            buffer.writeBytes(rest.prefix(size))
            rest = rest.dropFirst(size)
            do throws(Fault) {
                while let event = try reader.next(from: &buffer) { events.append(event) }
            } catch {
                return (events, error)
            }
        }
        return (events, nil)
    }

    @Test("Messages, fragments and control frames between them are read, however the bytes are cut", arguments: 1...40)
    func good(size: Int) {
        let bytes =
            Self.text("hello, world") + Self.text("") + Self.text("a", 0x01) + Self.frame(0x89, [1, 2, 3])
            + Self.text("b", 0x00) + Self.frame(0x8A) + Self.text("c", 0x80) + Self.text("\u{E9}\u{1F600}")
            + Self.frame(0x01) + Self.frame(0x80) + Self.close(1000, Array("bye".utf8))
        let (events, fault) = read(bytes, size: size)
        #expect(fault == nil)
        #expect(
            events == [
                .text(Array("hello, world".utf8)), .text([]), .ping(ByteBuffer(bytes: [1, 2, 3])), .pong,
                .text(Array("abc".utf8)), .text(Array("\u{E9}\u{1F600}".utf8)), .text([]), .close(.normalClosure),
            ])
    }

    @Test("Text of every length near the borders of its length's spelling is unmasked right")
    func lengths() {
        for count in Array(0...40) + [124, 125, 126, 127, 128, 1000, 65_535, 65_536, 65_537, 70_001] {
            let payload = (0..<count).map { UInt8(ascii: "a") + UInt8($0 % 26) }
            let (events, fault) = read(Self.frame(0x81, payload), limit: 80_000)
            #expect(fault == nil && events == [.text(payload)], "\(count)")
        }
    }

    @Test("A character may be cut in two by fragments, and not by the end of the message")
    func characters() {
        let face = Array("\u{1F600}".utf8)
        #expect(read(Self.frame(0x01, [face[0]]) + Self.frame(0x80, Array(face[1...]))).0 == [.text(face)])
        #expect(read(Self.frame(0x01, [face[0]]) + Self.frame(0x80, [face[1]])).1 == .notUTF8)
        #expect(read(Self.frame(0x81, Array(face[..<3]))).1 == .notUTF8)
    }

    static let forbidden: [(name: String, bytes: [UInt8], fault: Fault)] =
        [
            ("unmasked", frame(0x81, [1], isMasked: false), .protocolError),
            ("unmasked and empty", frame(0x81, isMasked: false), .protocolError),
            ("unmasked ping", frame(0x89, isMasked: false), .protocolError),
            ("unmasked close", frame(0x88, [3, 232], isMasked: false), .protocolError),
            ("unmasked and long", [0x81, 127], .protocolError),
            ("continuation of nothing", frame(0x80), .protocolError),
            ("continuation after the end", text("a") + frame(0x80), .protocolError),
            ("continuation of what has ended", text("a", 0x01) + frame(0x80) + frame(0x80), .protocolError),
            ("text within a message", text("a", 0x01) + text("b"), .protocolError),
            ("binary within a message", text("a", 0x01) + frame(0x82), .protocolError),
            ("binary", frame(0x82, [1]), .binary), ("binary, first fragment", frame(0x02, [1]), .binary),
            ("long ping", frame(0x89, [UInt8](repeating: 0, count: 126)), .protocolError),
            ("long pong", frame(0x8A, [UInt8](repeating: 0, count: 126)), .protocolError),
            ("long close", frame(0x88, [3, 232] + [UInt8](repeating: 97, count: 124)), .protocolError),
            ("very long ping", [0x89, 0xFF], .protocolError),
            ("ping in fragments", frame(0x09, [1]), .protocolError),
            ("pong in fragments", frame(0x0A), .protocolError), ("close in fragments", frame(0x08), .protocolError),
            ("length in two bytes that fits in one", frame(0x81, length: [126, 0, 125]), .protocolError),
            ("length in eight that fits in two", [0x81, 0xFF, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF], .protocolError),
            ("length with its highest bit set", [0x81, 0xFF, 0x80, 0, 0, 0, 0, 0, 0, 0], .protocolError),
            ("too long", [0x81, 0xFF, 0, 0, 0, 0, 0, 1, 0, 0], .tooLarge),
            ("one byte too long", frame(0x81, [UInt8](repeating: 97, count: 201)), .tooLarge),
            (
                "too long together",
                text(String(repeating: "a", count: 150), 0x01) + text(String(repeating: "a", count: 51), 0x80),
                .tooLarge
            ),
            ("not UTF-8", frame(0x81, [0xFF]), .notUTF8), ("a surrogate", frame(0x81, [0xED, 0xA0, 0x80]), .notUTF8),
            ("overlong", frame(0x81, [0xC0, 0x80]), .notUTF8),
            ("half a close code", frame(0x88, [3]), .protocolError),
            ("reason not UTF-8", close(1000, [0xC3]), .notUTF8),
        ]
        + (1...7).map { ("reserved bits \($0)", frame(0x81 | UInt8($0) << 4, [97]), .protocolError) }
        + (1...7).map { ("reserved bits \($0) of a ping", frame(0x89 | UInt8($0) << 4), .protocolError) }
        + [3, 4, 5, 6, 7, 0xB, 0xC, 0xD, 0xE, 0xF].map { ("opcode \($0)", frame(0x80 | UInt8($0)), .protocolError) }
        + [0, 1, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65_535].map {
            ("close code \($0)", close($0), .protocolError)
        }

    @Test("What the RFC forbids fails the connection, however the bytes are cut")
    func forbidden() {
        for (name, bytes, fault) in Self.forbidden {
            for size in [Int.max, 1, 3] {
                let outcome = read(Self.text("before") + bytes, size: size)
                #expect(outcome.1 == fault, "\(name)")
                #expect(outcome.0.first == .text(Array("before".utf8)), "\(name)")
            }
        }
    }

    @Test("A fault is told at the first byte that shows it, not when the frame is complete")
    func early() {
        #expect(read([0xC1]).1 == .protocolError)
        #expect(read([0x83]).1 == .protocolError)
        #expect(read([0x82]).1 == .binary)
        #expect(read([0x81, 0x05]).1 == .protocolError)
        #expect(read([0x89, 0xFE]).1 == .protocolError)
        #expect(read([0x81, 0xFE, 0x00, 0xC9]).1 == .tooLarge)
        #expect(read([0x88, 0x81]).1 == .protocolError)
        // A text of five bytes, of which fewer have come: a wrong byte, an overlong form, a surrogate, one too large.
        for wrong: [UInt8] in [[97, 0xFF], [0xE0, 0x9F], [0xED, 0xA0], [0xF4, 0x90], [0xF0, 0x8F], [0xC1], [0xF5]] {
            #expect(read([0x81, 0x85, 0, 0, 0, 0] + wrong).1 == .notUTF8, "\(wrong)")
            #expect(read(Self.text("ab", 0x01) + [0x80, 0x85, 0, 0, 0, 0] + wrong).1 == .notUTF8, "\(wrong)")
        }
        #expect(read([0x81, 0x85, 0, 0, 0, 0, 0xF4, 0x8F]) == ([], nil))
    }

    @Test("A reader that accepts binary messages gives them as they are, and texts between them", arguments: 1...20)
    func binary(size: Int) {
        let bytes =
            Self.frame(0x82, [0xFF, 0, 1]) + Self.text("a") + Self.frame(0x02, [0xC3]) + Self.frame(0x89)
            + Self.frame(0x80, [0xFE]) + Self.frame(0x82) + Self.text("b", 0x01) + Self.text("c", 0x80)
        let (events, fault) = read(bytes, size: size, acceptsBinary: true)
        #expect(fault == nil)
        #expect(
            events == [
                .binary([0xFF, 0, 1]), .text([97]), .ping(ByteBuffer()), .binary([0xC3, 0xFE]), .binary([]),
                .text([98, 99]),
            ])
        let within = Self.text("a", 0x01) + Self.frame(0x82)
        #expect(read(within, size: size, acceptsBinary: true) == ([], .protocolError))
        let tooLarge = Self.frame(0x82, [UInt8](repeating: 0, count: 201))
        #expect(read(tooLarge, size: size, acceptsBinary: true) == ([], .tooLarge))
    }

    @Test(
        "A close is read with a code that may stand on the wire, or without one",
        arguments: [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999])
    func closes(code: Int) {
        #expect(read(Self.close(code)).0 == [.close(SocketCloseCode(codeNumber: code))])
        #expect(read(Self.close(code, Array("caf\u{E9}".utf8))).1 == nil)
        #expect(read(Self.frame(0x88)).0 == [.close(nil)])
    }
}
