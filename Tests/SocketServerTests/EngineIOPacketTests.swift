import HTTPTypes
import NIOCore
import Testing

@testable import SocketServer

struct EngineIOPacketTests {
    @Test("The type digit says what a packet is")
    func text() {
        let table: [(String, EngineIOPacket?)] = [
            ("0{}", .open), ("1", .close), ("2", .ping([])), ("2probe", .ping(EngineIOPacket.probe)), ("3", .pong([])),
            ("3probe", .pong(EngineIOPacket.probe)), ("4", .message(.text([]))),
            ("42[\"x\"]", .message(.text(Array("2[\"x\"]".utf8)))), ("5", .upgrade), ("6", .noop),
            ("7", nil), ("", nil), ("bAQ==", nil), (" 2", nil),
        ]
        for (text, packet) in table { #expect(EngineIOPacket(text: Array(text.utf8)) == packet, "\(text)") }
    }

    private func packets(_ body: String) -> [EngineIOPacket]? {
        do throws(EngineIOPayload.Malformed) {
            var payload = try EngineIOPayload(Array(body.utf8))
            var packets: [EngineIOPacket] = []
            while let packet = try payload.next() { packets.append(packet) }
            return packets
        } catch {
            return nil
        }
    }

    private func message(_ text: String) -> EngineIOPacket { .message(.text(Array(text.utf8))) }

    @Test("A body holds packets, separated; what is binary is in base64")
    func payload() {
        #expect(packets("4hello") == [message("hello")])
        #expect(packets("4a\u{1e}2\u{1e}4€") == [message("a"), .ping([]), message("€")])
        #expect(packets("4hello\u{1e}bAQIDBA==") == [message("hello"), .message(.binary([1, 2, 3, 4]))])
        #expect(packets("b") == [.message(.binary([]))])
    }

    @Test(
        "A body that holds something else is malformed",
        arguments: ["", "abc", "4a\u{1e}", "\u{1e}4a", "4a\u{1e}\u{1e}4b", "bAQIDB", "b*", "8", "4a\u{1e}x"])
    func malformed(body: String) { #expect(packets(body) == nil) }

    @Test("A body that is not UTF-8 is malformed")
    func notUTF8() {
        for bytes: [UInt8] in [[0x34, 0xFF], [0x34, 0xC0, 0x80], [0x34, 0xED, 0xA0, 0x80], [0x34, 0xE2, 0x82]] {
            #expect(throws: EngineIOPayload.Malformed.self) { try EngineIOPayload(bytes) }
        }
    }

    @Test("Frames stand in an answer as packets do in a body")
    func written() {
        var body = ByteBuffer()
        EngineIOPayload.append(.text(ByteBuffer(string: "4hello")), to: &body)
        EngineIOPayload.append(.binary(ByteBuffer(bytes: [1, 2, 3, 4])), to: &body)
        EngineIOPayload.append(EngineIOPacket.pongFrame(EngineIOPacket.probe), to: &body)
        #expect(String(buffer: body) == "4hello\u{1e}bAQIDBA==\u{1e}3probe")
    }
}

struct EngineIORequestTests {
    private func read(_ query: [String: String], method: String = "GET", isHandshake: Bool = false) -> Result<
        EngineIORequest, EngineIOFault
    > {
        do throws(EngineIOFault) {
            return .success(
                try EngineIORequest(
                    method: .init(method) ?? .get, isHandshake: isHandshake, query: { query[$0] }))
        } catch {
            return .failure(error)
        }
    }

    private static let sid = "gateway1." + String(repeating: "a", count: 22)

    @Test("A request says what it asks for")
    func good() {
        let polling = ["EIO": "4", "transport": "polling"]
        let webSocket = ["EIO": "4", "transport": "websocket"]
        let (sid, session) = (Self.sid, ["sid": Self.sid])
        #expect(read(polling) == .success(.openPolling))
        #expect(read(webSocket, isHandshake: true) == .success(.openWebSocket))
        #expect(read(polling.merging(session) { $1 }) == .success(.poll(sessionID: sid)))
        #expect(read(polling.merging(session) { $1 }, method: "POST") == .success(.post(sessionID: sid)))
        #expect(
            read(webSocket.merging(session) { $1 }, isHandshake: true) == .success(.upgrade(sessionID: sid)))
    }

    @Test("A request that asks for nothing is refused with the protocol's own codes")
    func faults() {
        let sid = Self.sid
        let table: [([String: String], String, Bool, EngineIOFault)] = [
            ([:], "GET", false, .unknownTransport), (["EIO": "4"], "GET", false, .unknownTransport),
            (["EIO": "4", "transport": "abc"], "GET", false, .unknownTransport),
            (["transport": "polling"], "GET", false, .unsupportedVersion),
            (["EIO": "3", "transport": "polling"], "GET", false, .unsupportedVersion),
            (["EIO": "abc", "transport": "websocket"], "GET", true, .unsupportedVersion),
            (["EIO": "4", "transport": "polling"], "POST", false, .badHandshakeMethod),
            (["EIO": "4", "transport": "polling"], "PUT", false, .badHandshakeMethod),
            (["EIO": "4", "transport": "websocket"], "GET", false, .badRequest),
            (["EIO": "4", "transport": "polling"], "GET", true, .badRequest),
            (["EIO": "4", "transport": "polling", "sid": sid], "PUT", false, .badRequest),
            (["EIO": "4", "transport": "websocket", "sid": sid], "GET", false, .badRequest),
        ]
        for (query, method, isHandshake, fault) in table {
            #expect(read(query, method: method, isHandshake: isHandshake) == .failure(fault), "\(query) \(method)")
        }
        for sid in ["", "x", "a.b", "*.\(String(repeating: "a", count: 22))", ".\(String(repeating: "a", count: 22))"] {
            #expect(
                read(["EIO": "4", "transport": "polling", "sid": sid]) == .failure(.unknownSession), "\(sid)")
        }
    }
}
