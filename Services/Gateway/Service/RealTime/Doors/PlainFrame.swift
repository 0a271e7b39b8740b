import NIOCore
import Primitives

/// The JSON frames of the plain WebSocket door.
enum PlainFrame {
    /// Reads `{"id"?: n, "event": name, "data": …}`.
    static func parse(_ bytes: [UInt8]) throws(FrameFault) -> ClientEvent {
        let parsed: (value: JSON, defects: [JSONDefect])
        do { parsed = try JSONParser.parse(bytes, maximumDepth: JSONParser.clientDepth) } catch {
            throw .malformed(error.reason)
        }
        guard case .object(let members) = parsed.value else { throw .malformed("a frame is a JSON object") }
        for member in members where !["id", "event", "data"].contains(member.name) {
            throw .invalid(field: member.name, code: "unknown", message: "is not a known field")
        }
        if let defect = parsed.defects.first(where: { Self.path($0.path, within: "data") == nil }) {
            throw .invalid(field: defect.path, code: "duplicate", message: "must stand once and be plain text")
        }
        let id = parsed.value["id"]
        if !id.isNull, id.integer == nil {
            throw .invalid(field: "id", code: "type", message: "must be a whole number")
        }
        guard let name = parsed.value["event"].string else {
            throw .invalid(field: "event", code: "required", message: "must be a string")
        }
        return ClientEvent(
            ackID: id.integer, name: name, data: parsed.value["data"], defects: within(parsed.defects, "data"))
    }

    /// The `id` of a frame that is JSON and yet no event: its sender waits for an answer under it.
    static func acknowledgementID(in bytes: [UInt8]) -> Int? {
        (try? JSONParser.parse(bytes, maximumDepth: JSONParser.clientDepth))?.value["id"].integer
    }

    /// The defects below `prefix`, their paths without it.
    static func within(_ defects: [JSONDefect], _ prefix: String) -> [JSONDefect] {
        defects.compactMap { defect in
            guard let path = path(defect.path, within: prefix) else { return nil }
            return JSONDefect(path: path.isEmpty ? "data" : path, kind: defect.kind)
        }
    }

    /// `path` without `prefix` and the dot behind it; `nil` when it leads elsewhere. By bytes: to `hasPrefix` a dot
    /// with a combining mark behind it is no dot.
    private static func path(_ path: String, within prefix: String) -> String? {
        guard path.utf8.starts(with: prefix.utf8) else { return nil }
        let rest = path.utf8.dropFirst(prefix.utf8.count)
        guard let dot = rest.first else { return "" }
        return dot == UInt8(ascii: ".") ? String(Substring(rest.dropFirst())) : nil
    }

    static func event(_ name: String, data: [UInt8]) -> ByteBuffer {
        frame("{\"event\":\"\(name)\",\"data\":", data)
    }

    static func acknowledgement(_ id: Int, data: [UInt8]) -> ByteBuffer { frame("{\"ack\":\(id),\"data\":", data) }

    static func refusal(_ id: Int, problem: [UInt8]) -> ByteBuffer { frame("{\"ack\":\(id),\"error\":", problem) }

    private static func frame(_ start: String, _ body: [UInt8]) -> ByteBuffer {
        var buffer = ByteBufferAllocator().buffer(capacity: start.utf8.count + body.count + 1)
        buffer.writeString(start)
        buffer.writeBytes(body)
        buffer.writeInteger(UInt8(ascii: "}"))
        return buffer
    }
}
