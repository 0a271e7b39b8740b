import Messaging
import NIOCore
import Primitives
import Testing

@testable import GatewayService

struct PlainFrameTests {
    private func parse(_ text: String) -> Result<ClientEvent, FrameFault> {
        do throws(FrameFault) { return .success(try PlainFrame.parse(Array(text.utf8))) } catch {
            return .failure(error)
        }
    }

    @Test("A frame is read with or without id and data")
    func good() throws {
        #expect(
            try parse(#"{"id":7,"event":"typing","data":{"a":1}}"#).get()
                == ClientEvent(ackID: 7, name: "typing", data: .object([JSONMember("a", .integer(1))]), defects: []))
        #expect(
            try parse(#"{"event":"x"}"#).get() == ClientEvent(ackID: nil, name: "x", data: .null, defects: []))
        #expect(try parse(#"{"id":null,"event":"x","data":"o"}"#).get().ackID == nil)
        #expect(try parse(#" {"data":[],"event":"","id":-1} "#).get().name == "")
    }

    @Test(
        "A frame that is JSON but no event names the field",
        arguments: [
            (#"{"event":"x","more":1}"#, "more"), (#"{"id":"1","event":"x"}"#, "id"),
            (#"{"id":1.5,"event":"x"}"#, "id"),
            (#"{"id":1}"#, "event"), (#"{"event":5}"#, "event"), (#"{"event":"x","event":"y"}"#, "event"),
            (#"{"event":"a\u0000"}"#, "event"), (#"{"id":1,"id":2,"event":"x"}"#, "id"),
        ])
    func invalid(text: String, field: String) {
        guard case .failure(.invalid(let named, _, _)) = parse(text) else {
            Issue.record("accepted: \(text)")
            return
        }
        #expect(named == field)
    }

    @Test(
        "What is no JSON object is malformed", arguments: ["", "[]", "1", "\"x\"", "{", "{}}", "null", "{\"event\":x}"])
    func malformed(text: String) {
        guard case .failure(.malformed) = parse(text) else {
            Issue.record("accepted: \(text)")
            return
        }
    }

    @Test("Defects within the data go to the event's own reader, with paths that begin there")
    func defects() throws {
        let event = try parse(#"{"event":"x","data":{"a":"\u0000","b":{"c":1,"c":2}}}"#).get()
        #expect(
            event.defects == [
                JSONDefect(path: "a", kind: .nulCharacter), JSONDefect(path: "b.c", kind: .duplicateName),
            ])
        #expect(
            try parse(#"{"event":"x","data":"\ud800"}"#).get().defects == [
                JSONDefect(path: "data", kind: .loneSurrogate)
            ])
    }

    @Test("A frame is at most 32 levels deep")
    func depth() throws {
        func frame(_ levels: Int) -> String {
            #"{"event":"x","data":\#(String(repeating: "[", count: levels) + String(repeating: "]", count: levels))}"#
        }
        _ = try parse(frame(31)).get()
        for text in [frame(32), frame(30_000), String(repeating: "[", count: 60_000)] {
            guard case .failure(.malformed) = parse(text) else {
                Issue.record("accepted")
                return
            }
            #expect(PlainFrame.acknowledgementID(in: Array(text.utf8)) == nil)
        }
    }

    @Test("A defect is found where it is, with combining marks on the dots of its path")
    func markedPath() throws {
        let event = try parse("{\"event\":\"x\",\"data\":{\"\u{301}a\":\"\\u0000\"}}").get()
        #expect(event.defects == [JSONDefect(path: "\u{301}a", kind: .nulCharacter)])
        guard case .failure(.invalid("database", _, _)) = parse(#"{"event":"x","database":1}"#) else {
            Issue.record("not named")
            return
        }
    }

    @Test("What the server sends is one JSON document")
    func written() {
        #expect(String(buffer: PlainFrame.event("typing", data: Array("{}".utf8))) == #"{"event":"typing","data":{}}"#)
        #expect(String(buffer: PlainFrame.acknowledgement(3, data: Array("[]".utf8))) == #"{"ack":3,"data":[]}"#)
        #expect(String(buffer: PlainFrame.refusal(3, problem: Array("{}".utf8))) == #"{"ack":3,"error":{}}"#)
    }
}

struct SocketIOPacketTests {
    private func parse(_ text: String) -> Result<SocketIOPacket, FrameFault> {
        do throws(FrameFault) { return .success(try SocketIOPacket.parse(Array(text.utf8))) } catch {
            return .failure(error)
        }
    }

    private func event(
        _ name: String, _ data: JSON = .null, ack: Int? = nil, namespace: String = "/"
    ) -> SocketIOPacket {
        .event(namespace: namespace, ClientEvent(ackID: ack, name: name, data: data, defects: []))
    }

    @Test("Packets of Socket.IO 5 are read")
    func good() throws {
        let table: [(String, SocketIOPacket)] = [
            ("0", .connect(namespace: "/", auth: .null)),
            (#"0{"token":"t"}"#, .connect(namespace: "/", auth: .object([JSONMember("token", .string("t"))]))),
            ("0/admin,", .connect(namespace: "/admin", auth: .null)),
            (#"0/admin?a=b,{"t":1}"#, .connect(namespace: "/admin", auth: .object([JSONMember("t", .integer(1))]))),
            ("0{broken", .connect(namespace: "/", auth: .null)),
            ("1", .disconnect(namespace: "/")), ("1/admin,", .disconnect(namespace: "/admin")),
            (#"2["x"]"#, event("x")), (#"2["x",{"a":1}]"#, event("x", .object([JSONMember("a", .integer(1))]))),
            (#"212["x",5]"#, event("x", .integer(5), ack: 12)), (#"2["x",1,2]"#, event("x", .integer(1))),
            (#"2/admin,3["x"]"#, event("x", ack: 3, namespace: "/admin")), ("31[]", .acknowledgement),
            ("51-[\"x\"]", .binary), ("61-[]", .binary),
        ]
        for (text, packet) in table { #expect(try parse(text).get() == packet, "\(text)") }
    }

    @Test(
        "What is no packet is malformed",
        arguments: [
            "", "2", "2{}", "2[]", "2[1]", "2[\"x\"", "4{}", "7", "x", "299999999999999999999[\"x\"]",
            "2[\"a\\u0000\"]",
        ])
    func malformed(text: String) {
        guard case .failure(.malformed) = parse(text) else {
            Issue.record("accepted: \(text)")
            return
        }
    }

    @Test("Defects of the first argument go to the event's own reader")
    func defects() throws {
        guard case .event(_, let event) = try parse(#"2["x",{"a":1,"a":2},"\u0000"]"#).get() else {
            Issue.record("no event")
            return
        }
        #expect(event.defects == [JSONDefect(path: "a", kind: .duplicateName)])
    }

    @Test("A packet is at most 32 levels deep")
    func depth() throws {
        func packet(_ levels: Int) -> String {
            #"2["x",\#(String(repeating: "[", count: levels) + String(repeating: "]", count: levels))]"#
        }
        _ = try parse(packet(31)).get()
        for levels in [32, 30_000] {
            guard case .failure(.malformed) = parse(packet(levels)) else {
                Issue.record("accepted")
                return
            }
        }
        #expect(
            try parse("0" + String(packet(32).dropFirst(5).dropLast())).get() == .connect(namespace: "/", auth: .null))
    }

    @Test("A defect is not lost behind a combining mark on the dot of its path")
    func markedPath() throws {
        guard case .event(_, let event) = try parse("2[\"x\",{\"\u{301}a\":\"\\u0000\"}]").get() else {
            Issue.record("no event")
            return
        }
        #expect(event.defects == [JSONDefect(path: "\u{301}a", kind: .nulCharacter)])
    }

    @Test("What the server sends is a message packet of Engine.IO")
    func written() {
        let body = Array("{}".utf8)
        #expect(String(buffer: SocketIOPacket.connected(sessionID: "s")) == #"40{"sid":"s"}"#)
        #expect(String(buffer: SocketIOPacket.event("x", data: body)) == #"42["x",{}]"#)
        #expect(String(buffer: SocketIOPacket.acknowledgement(4, data: body)) == #"434[{"data":{}}]"#)
        #expect(String(buffer: SocketIOPacket.refusal(4, problem: body)) == #"434[{"error":{}}]"#)
        #expect(
            String(buffer: SocketIOPacket.refused(namespace: "/", message: "no", problem: body))
                == #"44{"message":"no","data":{}}"#)
        #expect(
            String(buffer: SocketIOPacket.refused(namespace: "/admin", message: "a\"b", problem: nil))
                == #"44/admin,{"message":"a\"b"}"#)
    }
}

struct EngineIOPacketTests {
    @Test("The type digit says what a packet is")
    func parse() {
        let table: [(String, EngineIOPacket?)] = [
            ("0{}", .open), ("1", .close), ("2", .ping), ("2probe", .ping), ("3", .pong), ("3probe", .pong),
            ("4", .message([])), ("42[\"x\"]", .message(Array("2[\"x\"]".utf8))), ("5", .upgrade), ("6", .noop),
            ("7", nil), ("", nil), ("b4AQ==", nil), (" 2", nil),
        ]
        for (text, packet) in table { #expect(EngineIOPacket(Array(text.utf8)) == packet, "\(text)") }
    }

    @Test("The handshake tells clients how often they are pinged and how much they may send")
    func handshake() throws {
        let text = String(
            buffer: EngineIOPacket.handshake(sessionID: "s", maximumPayload: 65_536))
        #expect(text.first == "0")
        let json = try JSONParser.parse(Array(text.dropFirst().utf8)).value
        #expect(json["sid"].string == "s")
        #expect(json["upgrades"] == .array([]))
        #expect(json["pingInterval"].integer == 25_000 && json["pingTimeout"].integer == 20_000)
        #expect(json["maxPayload"].integer == 65_536)
    }
}
