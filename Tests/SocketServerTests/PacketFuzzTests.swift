import HTTPTypes
import NIOCore
import Primitives
import TestKit
import Testing

@testable import SocketServer

/// Whatever comes, packets are read without harm, and what is read says the same when it is written again.
@Suite(.bounded(minutes: 60), .seeded)
struct PacketFuzzTests {
    // MARK: Engine.IO

    private static let packets = [
        "0", "1", "2", "2probe", "3", "3probe", "4", "4hello", "42[\"x\"]", "4€\u{1F600}", "5", "6", "7", "b", "bAQ==",
        "bAQID", "b*", "bAQIDBA==", "\u{1e}", "\u{1e}", "\u{1e}", "\u{1e}", "{}", " ",
    ]

    private static func written(_ packet: EngineIOPacket) -> [UInt8] {
        switch packet {
        case .open: Array("0".utf8)
        case .close: Array("1".utf8)
        case .ping(let data): Array("2".utf8) + data
        case .pong(let data): Array("3".utf8) + data
        case .message(.text(let text)): Array("4".utf8) + text
        case .message(.binary): []
        case .upgrade: Array("5".utf8)
        case .noop: Array("6".utf8)
        }
    }

    private static func readBody(_ body: [UInt8]) -> [EngineIOPacket]? {
        do throws(EngineIOPayload.Malformed) {
            var payload = try EngineIOPayload(body)
            var packets: [EngineIOPacket] = []
            while let packet = try payload.next() { packets.append(packet) }
            return packets
        } catch {
            return nil
        }
    }

    @Test("A body of packets")
    func payload() async {
        var generator = SeededGenerator()
        await Fuzz.rounds(20_000, of: "EngineIOPayload") { _ in
            let body = generator.chance(4) ? generator.bytes(40) : generator.text(of: Self.packets, most: 12)
            guard let packets = Self.readBody(body) else { return }
            #expect(!packets.isEmpty && String(validating: body, as: UTF8.self) != nil)
            var again = ByteBuffer()
            for packet in packets {
                if case .message(.binary(let data)) = packet {
                    EngineIOPayload.append(.binary(ByteBuffer(bytes: data)), to: &again)
                } else {
                    EngineIOPayload.append(.text(ByteBuffer(bytes: Self.written(packet))), to: &again)
                }
            }
            #expect(Self.readBody(Array(again.readableBytesView)) == packets, "\(body)")
        }
    }

    @Test("A packet of Engine.IO")
    func packet() async {
        var generator = SeededGenerator()
        await Fuzz.rounds(20_000, of: "EngineIOPacket") { _ in
            let text = generator.chance(4) ? generator.bytes(20) : generator.text(of: Self.packets, most: 2)
            guard let packet = EngineIOPacket(text: text) else {
                #expect(!(48...54).contains(text.first ?? 0), "\(text)")
                return
            }
            #expect(EngineIOPacket(text: Self.written(packet)) == packet, "\(text)")
            guard case .message(.text(let rest)) = packet else { return }
            #expect([UInt8(ascii: "4")] + rest == text)
        }
    }

    @Test("A request at an address of Engine.IO")
    func request() async {
        var generator = SeededGenerator()
        let sid = "gateway1." + String(repeating: "a", count: 22)
        let values = [
            "EIO": ["4", "4", "4", "4", "3", "", "04", "abc", "\u{0}"],
            "transport": ["polling", "polling", "websocket", "websocket", "", "abc", "Polling"],
            "sid": [sid, sid, sid, "", ".", "x", "gateway1.", sid + "a", sid.uppercased(), "€" + sid],
        ]
        await Fuzz.rounds(20_000, of: "EngineIORequest") { _ in
            var query: [String: String] = [:]
            for (name, choices) in values.sorted(by: { $0.key < $1.key }) where !generator.chance(5) {
                query[name] =
                    generator.chance(8)
                    ? String(decoding: generator.bytes(30), as: UTF8.self) : choices.randomElement(using: &generator)
            }
            let methods: [HTTPRequest.Method] = [.get, .get, .post, .put, .delete, .options]
            let method = methods.randomElement(using: &generator) ?? .get
            let isHandshake = generator.chance(2)
            let request: EngineIORequest
            do throws(EngineIOFault) {
                request = try EngineIORequest(method: method, isHandshake: isHandshake) { query[$0] }
            } catch {
                return
            }
            // It asks for what the query says, and nothing else would.
            #expect(query["EIO"] == "4" && (query["transport"] == "websocket") == isHandshake)
            switch request {
            case .openPolling: #expect(query["sid"] == nil && method == .get && !isHandshake)
            case .openWebSocket: #expect(query["sid"] == nil && method == .get && isHandshake)
            case .poll(let sessionID): #expect(sessionID == query["sid"] && method == .get && !isHandshake)
            case .post(let sessionID): #expect(sessionID == query["sid"] && method == .post && !isHandshake)
            case .upgrade(let sessionID): #expect(sessionID == query["sid"] && isHandshake)
            }
            if let sessionID = query["sid"] { #expect(SocketAcceptor.name(in: sessionID) != nil) }
        }
    }

    // MARK: Socket.IO

    private static let parts = [
        "0", "1", "2", "3", "5", "6", "51-", "52-", "61-", "510-", "7", "/", "/custom", "/custom,", "/a?b=c,", ",",
        "12",
        "[", "]", "[\"x\"", "[\"x\"]", "[\"message\",1]", "{}", "{\"a\":1,\"a\":2}", "{\"a\":[null,true,\"€\\u0041\"]}",
        "\"x\"", "1.5e3", "-0", "null", "{\"_placeholder\":true,\"num\":0}", "{\"_placeholder\":true,\"num\":1}",
        "\\u0000", "99999999999999999999", " ",
    ]

    private static func read(_ text: [UInt8]) -> SocketIOPacket? { try? SocketIOPacket(text) }

    private static func written(_ packet: SocketIOPacket) -> [UInt8] {
        func head(_ type: String, _ attachments: Int, _ namespace: String, _ ackID: Int?) -> [UInt8] {
            let count = attachments > 0 || type == "5" || type == "6" ? "\(attachments)-" : ""
            return Array(
                (type + count + (namespace == "/" ? "" : namespace + ",") + (ackID.map(String.init) ?? "")).utf8)
        }
        switch packet {
        case .connect(let namespace, let auth):
            return head("0", 0, namespace, nil) + (auth.isNull ? [] : JSONWriter.encode(auth))
        case .disconnect(let namespace): return head("1", 0, namespace, nil)
        case .event(let event, let attachments):
            return head(attachments > 0 ? "5" : "2", attachments, event.namespace, event.ackID)
                + JSONWriter.encode(JSON.array(event.arguments))
        case .acknowledgement(let event, let attachments):
            return head(attachments > 0 ? "6" : "3", attachments, event.namespace, event.ackID)
                + JSONWriter.encode(JSON.array(event.arguments))
        }
    }

    private static func hasDefects(_ packet: SocketIOPacket) -> Bool {
        switch packet {
        // Nothing is told of those of `auth`.
        case .connect(_, let auth): !auth.isNull
        case .disconnect: false
        case .event(let event, _), .acknowledgement(let event, _): !event.defects.isEmpty
        }
    }

    @Test("A packet of Socket.IO")
    func socketIO() async {
        var generator = SeededGenerator()
        await Fuzz.rounds(20_000, of: "SocketIOPacket") { _ in
            let text = generator.chance(5) ? generator.bytes(30) : generator.text(of: Self.parts, most: 8)
            guard let packet = Self.read(text) else { return }
            guard let again = Self.read(Self.written(packet)) else {
                // Names of events hold no NUL, which what has defects may.
                if !Self.hasDefects(packet) { Issue.record("not read again: \(String(decoding: text, as: UTF8.self))") }
                return
            }
            if !Self.hasDefects(packet) { #expect(again == packet, "\(String(decoding: text, as: UTF8.self))") }
            #expect(Self.read(Self.written(again)) == again, "\(String(decoding: text, as: UTF8.self))")
        }
    }

    @Test("Messages that make packets together")
    func reader() async {
        var generator = SeededGenerator()
        var reader = SocketIOReader(limit: 64)
        // What the packet that has begun still needs, and holds.
        var missing = 0
        var bytes = 0
        await Fuzz.rounds(20_000, of: "SocketIOReader") { _ in
            let isBinary = generator.chance(2)
            let data = isBinary ? generator.bytes(30) : generator.text(of: Self.parts, most: 6)
            let message = isBinary ? SocketMessage.binary(data) : .text(data)
            let before = missing
            if isBinary { bytes += data.count }
            missing = 0
            do throws(SocketIOFault) {
                guard let packet = try reader.take(message) else {
                    if isBinary {
                        missing = before - 1
                    } else if let packet = Self.read(data), case .event(_, let count) = packet {
                        (missing, bytes) = (count, 0)
                    } else if let packet = Self.read(data), case .acknowledgement(_, let count) = packet {
                        (missing, bytes) = (count, 0)
                    }
                    #expect(missing > 0 && bytes <= 64)
                    return
                }
                #expect(isBinary ? before == 1 && bytes <= 64 : before == 0)
                switch packet {
                case .event(let event, let count), .acknowledgement(let event, let count):
                    #expect(event.attachments.count == count && (count > 0) == isBinary)
                case .connect, .disconnect: #expect(!isBinary)
                }
            } catch {
                switch error {
                case .tooLarge: #expect(isBinary && before > 0 && bytes > 64)
                case .malformed: #expect(isBinary ? before == 0 : before > 0 || Self.read(data) == nil)
                }
            }
        }
    }
}
