import NIOCore
import TestKit
import Testing

@testable import SocketServer

/// However the bytes are cut, and whatever they are.
extension FrameReaderTests {
    /// What has been read, and why nothing more is.
    private struct Outcome: Equatable {
        var events: [FrameReader.Event] = []
        var fault: Fault?
    }

    /// Feeds a reader piece by piece, as a socket does.
    private struct Feed {
        var reader = FrameReader(limit: 200, acceptsBinary: true)
        var buffer = ByteBuffer()
        var outcome = Outcome()

        mutating func take(_ bytes: some Collection<UInt8>) {
            if outcome.fault != nil { return }
            buffer.writeBytes(bytes)
            do throws(Fault) {
                while let event = try reader.next(from: &buffer) { outcome.events.append(event) }
                if buffer.readableBytes > 124 { Issue.record("\(buffer.readableBytes) bytes are kept") }
            } catch {
                outcome.fault = error
            }
        }
    }

    private static func outcome(_ pieces: ArraySlice<UInt8>...) -> Outcome {
        var feed = Feed()
        for piece in pieces { feed.take(piece) }
        return feed.outcome
    }

    /// `bytes` in pieces of random sizes, some of them empty.
    private static func randomlyCut(_ bytes: [UInt8], _ generator: inout SeededGenerator) -> Outcome {
        var feed = Feed()
        var rest = bytes[...]
        let largest = Int.random(in: 1...200, using: &generator)
        while !rest.isEmpty {
            let size = Int.random(in: 0...largest, using: &generator)
            feed.take(rest.prefix(size))
            rest = rest.dropFirst(size)
        }
        return feed.outcome
    }

    /// Every part of the stream from its start gives the same at once, in single bytes, and in two pieces cut anywhere:
    /// so also the byte at which a fault is told is the same.
    private static func expectSame(_ bytes: [UInt8], _ name: String) {
        var single = Feed()
        let whole = outcome(bytes[...])
        for count in 0...bytes.count {
            if count > 0 { single.take([bytes[count - 1]]) }
            let isSame =
                outcome(bytes[..<count]) == single.outcome && outcome(bytes[..<count], bytes[count...]) == whole
            if !isSame { Issue.record("\(name), cut at \(count)") }
        }
    }

    @Test("Every cut gives the same messages, and the same fault at the same byte")
    func everyCut() {
        let good =
            Self.text("hello, world") + Self.text("a", 0x01) + Self.frame(0x89, [1, 2, 3]) + Self.text("", 0x00)
            + Self.text("\u{E9}\u{1F600}", 0x80) + Self.frame(0x82, [0xFF]) + Self.frame(0x8A, [UInt8](0..<125))
            + Self.text(String(repeating: "\u{20AC}", count: 60)) + Self.frame(0x88, [3, 232])
        #expect(Self.outcome(good[...]).events.count == 7)
        Self.expectSame(good, "good")
        for (name, bytes, _) in Self.forbidden { Self.expectSame(Self.text("before") + bytes, name) }
    }

    private static let characters = ["a", "xyz", "\u{7F}", "\u{80}", "\u{7FF}", "\u{800}", "\u{FFFF}", "\u{10FFFF}"]

    private static func random(_ count: Int, _ generator: inout SeededGenerator) -> [UInt8] {
        (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) }
    }

    /// One message in fragments, with control frames between them, and what must be read of it.
    private static func message(_ generator: inout SeededGenerator) -> ([UInt8], [FrameReader.Event]) {
        let isText = Bool.random(using: &generator)
        var rest: [UInt8] = []
        for _ in 0..<Int.random(in: 0...12, using: &generator) {
            let index = Int.random(in: 0..<characters.count, using: &generator)
            rest += isText ? Array(characters[index].utf8) : random(index, &generator)
        }
        var events: [FrameReader.Event] = [isText ? .text(rest) : .binary(rest)]
        var bytes: [UInt8] = []
        var opcode: UInt8 = isText ? 0x01 : 0x02
        while Int.random(in: 0...2, using: &generator) > 0 {
            let part = rest.prefix(Int.random(in: 0...rest.count, using: &generator))
            bytes += frame(opcode, Array(part), mask: random(4, &generator))
            rest.removeFirst(part.count)
            opcode = 0
            guard Bool.random(using: &generator) else { continue }
            let payload = random(Int.random(in: 0...125, using: &generator), &generator)
            bytes += frame(0x89, payload, mask: random(4, &generator))
            events.insert(.ping(ByteBuffer(bytes: payload)), at: events.count - 1)
        }
        return (bytes + frame(0x80 | opcode, rest, mask: random(4, &generator)), events)
    }

    @Test("Random messages in random fragments, pieces and masks come out as they went in", .seeded)
    func randomMessages() async {
        var generator = SeededGenerator()
        await Fuzz.rounds(200, of: "FrameReader, messages") { _ in
            var (bytes, events) = Self.message(&generator)
            for _ in 0..<Int.random(in: 0...3, using: &generator) {
                let more = Self.message(&generator)
                bytes += more.0
                events += more.1
            }
            let expected = Outcome(events: events)
            #expect(Self.outcome(bytes[...]) == expected)
            #expect(Self.randomlyCut(bytes, &generator) == expected)
        }
    }

    @Test("Bytes that a fault of the line has changed give the same however they are cut", .seeded)
    func mutatedBytes() async {
        var generator = SeededGenerator()
        var faults = 0
        await Fuzz.rounds(500, of: "FrameReader, mutated messages") { _ in
            let (good, _) = Self.message(&generator)
            var bytes = good + Self.message(&generator).0
            for _ in 0..<Int.random(in: 1...3, using: &generator) where !bytes.isEmpty {
                let place = Int.random(in: 0..<bytes.count, using: &generator)
                switch Int.random(in: 0..<4, using: &generator) {
                case 0: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
                case 1: bytes[place] = UInt8.random(in: 0...255, using: &generator)
                case 2: bytes.remove(at: place)
                default: bytes.insert(UInt8.random(in: 0...255, using: &generator), at: place)
                }
            }
            let whole = Self.outcome(bytes[...])
            if whole.fault != nil { faults += 1 }
            #expect(Self.randomlyCut(bytes, &generator) == whole, "\(bytes)")
        }
        // Otherwise what is mutated is never looked at.
        #expect(faults > 100)
    }

    @Test("Random bytes give the same however they are cut, and no message over the limit", .seeded)
    func randomBytes() async {
        var generator = SeededGenerator()
        await Fuzz.rounds(500, of: "FrameReader, random bytes") { _ in
            var bytes = Self.random(Int.random(in: 1...300, using: &generator), &generator)
            // A first header that lets the payload be read.
            if Bool.random(using: &generator) { bytes = [0x01 | bytes[0] & 0x82, 0x80 | bytes[0] & 0x7E] + bytes }
            let whole = Self.outcome(bytes[...])
            #expect(Self.randomlyCut(bytes, &generator) == whole, "\(bytes)")
            for case .text(let message) in whole.events { #expect(message.count <= 200) }
            for case .binary(let message) in whole.events { #expect(message.count <= 200) }
        }
    }

    /// A reader that copied the message for each fragment would copy 2 TiB, and be at it when the time is over.
    @Test(
        "A message of 16 MiB in fragments of 64 bytes is read in time in proportion to its length",
        .bounded(minutes: 2))
    func manyFragments() throws {
        let size = 16 * 1024 * 1024
        var reader = FrameReader(limit: size)
        let part = [UInt8](repeating: UInt8(ascii: "a"), count: 64)
        let (first, middle) = (ByteBuffer(bytes: Self.frame(0x01, part)), ByteBuffer(bytes: Self.frame(0x00, part)))
        for index in 0..<size / 64 {
            var buffer = index == 0 ? first : middle
            try #require(try reader.next(from: &buffer) == nil)
        }
        // What is at the limit goes no further.
        var oneMore = ByteBuffer(bytes: Self.frame(0x80, [97]))
        var copy = reader
        #expect(throws: Fault.tooLarge) { try copy.next(from: &oneMore) }
        var last = ByteBuffer(bytes: Self.frame(0x80))
        guard case .text(let message) = try reader.next(from: &last) else {
            Issue.record("no message")
            return
        }
        #expect(message.count == size && message.prefix(64) == part[...] && message.suffix(64) == part[...])
    }
}
