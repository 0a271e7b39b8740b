import Messaging
import NIOCore
import Primitives
import Testing

@testable import GatewayService
@testable import SocketServer

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

struct SocketIOFrameTests {
    @Test("What the gateway says to Socket.IO's clients is a message packet of Engine.IO")
    func written() {
        let body = Array("{}".utf8)
        #expect(String(buffer: SocketIOFrame.event("x", data: body)) == #"42["x",{}]"#)
        #expect(String(buffer: SocketIOFrame.acknowledgement(4, data: body)) == #"434[{"data":{}}]"#)
        #expect(String(buffer: SocketIOFrame.refusal(4, problem: body)) == #"434[{"error":{}}]"#)
    }

    @Test("Of an event the first argument behind its name counts, and what is refused about it")
    func events() {
        let event = SocketIOEvent(
            namespace: "/", ackID: 3, arguments: [.string("x"), .integer(1), .integer(2)],
            defects: [
                JSONDefect(path: "1.a", kind: .binary), JSONDefect(path: "1", kind: .binary),
                JSONDefect(path: "2", kind: .binary),
            ])
        #expect(
            ClientEvent(event)
                == ClientEvent(
                    ackID: 3, name: "x", data: .integer(1),
                    defects: [JSONDefect(path: "a", kind: .binary), JSONDefect(path: "data", kind: .binary)]))
    }
}
