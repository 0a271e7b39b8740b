import NIOCore
import Primitives
import Testing

@testable import SocketServer

struct SocketIOPacketTests {
    private func parse(_ text: String) -> Result<SocketIOPacket, SocketIOFault> {
        do throws(SocketIOFault) { return .success(try SocketIOPacket(Array(text.utf8))) } catch {
            return .failure(error)
        }
    }

    private func event(
        _ arguments: [JSON], ack: Int? = nil, namespace: String = "/", attachments: Int = 0
    ) -> SocketIOPacket {
        .event(
            SocketIOEvent(namespace: namespace, ackID: ack, arguments: arguments, defects: []),
            attachments: attachments)
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
            (#"2["x"]"#, event([.string("x")])),
            (#"2["x",{"a":1}]"#, event([.string("x"), .object([JSONMember("a", .integer(1))])])),
            (#"212["x",5]"#, event([.string("x"), .integer(5)], ack: 12)),
            (#"2["x",1,2]"#, event([.string("x"), .integer(1), .integer(2)])),
            (#"2/admin,3["x"]"#, event([.string("x")], ack: 3, namespace: "/admin")),
            (#"51-["x"]"#, event([.string("x")], attachments: 1)), (#"50-["x"]"#, event([.string("x")])),
            (#"52-/admin,3["x"]"#, event([.string("x")], ack: 3, namespace: "/admin", attachments: 2)),
            (
                "37[]",
                .acknowledgement(
                    SocketIOEvent(namespace: "/", ackID: 7, arguments: [], defects: []), attachments: 0)
            ),
        ]
        for (text, packet) in table { #expect(try parse(text).get() == packet, "\(text)") }
    }

    @Test(
        "What is no packet is malformed",
        arguments: [
            "", "2", "2{}", "2[]", "2[1]", "2[\"x\"", "4{}", "7", "x", "299999999999999999999[\"x\"]",
            "2[\"a\\u0000\"]", "5[\"x\"]", "5-[\"x\"]", "511-[\"x\"]", "51[\"x\"]", "3{}", "6-[]", "51-{}",
        ])
    func malformed(text: String) {
        guard case .failure(.malformed) = parse(text) else {
            Issue.record("accepted: \(text)")
            return
        }
    }

    @Test("What is refused about an argument is told with its place")
    func defects() throws {
        guard case .event(let event, _) = try parse(#"2["x",{"a":1,"a":2},"\u0000"]"#).get() else {
            Issue.record("no event")
            return
        }
        #expect(
            event.defects == [
                JSONDefect(path: "1.a", kind: .duplicateName), JSONDefect(path: "2", kind: .nulCharacter),
            ])
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

    @Test("What the server sends is a message packet of Engine.IO")
    func written() {
        let body = Array("[]".utf8)
        #expect(String(buffer: SocketIOText.connected("/", sid: "s")) == #"40{"sid":"s"}"#)
        #expect(String(buffer: SocketIOText.connected("/a", sid: "s")) == #"40/a,{"sid":"s"}"#)
        #expect(String(buffer: SocketIOText.event(body)) == "42[]")
        #expect(String(buffer: SocketIOText.event(body, of: "/a", attachments: 2)) == "452-/a,[]")
        #expect(String(buffer: SocketIOText.acknowledgement(4, body)) == "434[]")
        #expect(String(buffer: SocketIOText.acknowledgement(4, body, of: "/a", attachments: 1)) == "461-/a,4[]")
        #expect(
            String(buffer: SocketIOText.refused("/", message: "no", data: Array("{}".utf8)))
                == #"44{"message":"no","data":{}}"#)
        #expect(
            String(buffer: SocketIOText.refused("/admin", message: "a\"b", data: nil))
                == #"44/admin,{"message":"a\"b"}"#)
        #expect(String(buffer: SocketIOText.disconnected()) == "41")
    }
}
