import HTTPTypes

/// The fields of a request as they come in, and those of them that say how the request is framed.
struct FieldSection {
    private(set) var fields: HTTPFields = [:]
    /// The value of `Host`; a second one is refused.
    private(set) var host: String?
    private(set) var contentLength: Int?
    private(set) var isChunked = false
    private(set) var asksClose = false
    private(set) var asksKeepAlive = false
    private(set) var asksUpgrade = false
    private(set) var awaitsContinue = false
    private(set) var awaitsSomethingElse = false
    private var count = 0
    private var size = 0

    /// Where name and value of a field line stand (RFC 9112 §5). Lines that begin with white space (folding) and white
    /// space before the colon are read differently by different readers, so they are refused.
    static func split(
        _ line: UnsafeRawBufferPointer
    ) throws(Refusal) -> (name: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer) {
        guard let colon = line.offset(of: UInt8(ascii: ":")), colon > 0 else { throw .malformed }
        let name = line.slice(0..<colon)
        let value = line.slice(colon + 1..<line.count).trimmed
        guard ByteClass.all(name, are: .token), ByteClass.all(value, are: .fieldValue) else { throw .malformed }
        return (name, value)
    }

    mutating func add(_ line: UnsafeRawBufferPointer) throws(Refusal) {
        count += 1
        size += line.count
        guard count <= HeadLimit.fieldCount, size <= HeadLimit.allFields, line.count <= HeadLimit.field else {
            throw .fieldsTooLarge
        }
        let (name, value) = try Self.split(line)
        if try take(name, value) { return }
        guard let fieldName = HTTPField.Name(name.text) else { throw .malformed }
        fields.append(HTTPField(name: fieldName, value: value.text))
    }

    /// Looks at the fields that concern the connection.
    /// - Returns: whether the field is kept elsewhere.
    private mutating func take(
        _ name: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer
    ) throws(Refusal) -> Bool {
        switch name.count {
        case 4 where name.spells("host"):
            guard host == nil, HostName.isValid(value) else { throw .malformed }
            host = value.text
            return true
        case 6 where name.spells("expect"):
            if value.count == 12, value.slice(4..<12).spells("continue"), value.slice(0..<4).text == "100-" {
                awaitsContinue = true
            } else {
                awaitsSomethingElse = true
            }
        case 10 where name.spells("connection"): takeOptions(value)
        case 14 where name.spells("content-length"):
            guard contentLength == nil else { throw .malformed }
            contentLength = try Self.length(value)
        case 17 where name.spells("transfer-encoding"):
            guard !isChunked, value.spells("chunked") else { throw .malformed }
            isChunked = true
        default: break
        }
        return false
    }

    private mutating func takeOptions(_ list: UnsafeRawBufferPointer) {
        var start = 0
        while start <= list.count {
            let end = list.offset(of: UInt8(ascii: ","), from: start) ?? list.count
            let option = list.slice(start..<end).trimmed
            if option.spells("close") {
                asksClose = true
            } else if option.spells("keep-alive") {
                asksKeepAlive = true
            } else if option.spells("upgrade") {
                asksUpgrade = true
            }
            start = end + 1
        }
    }

    private static func length(_ value: UnsafeRawBufferPointer) throws(Refusal) -> Int {
        guard !value.isEmpty, ByteClass.all(value, are: .digit) else { throw .malformed }
        var length = 0
        for digit in value {
            let (tens, isOver) = length.multipliedReportingOverflow(by: 10)
            let (sum, isOverToo) = tens.addingReportingOverflow(Int(digit - UInt8(ascii: "0")))
            if isOver || isOverToo { throw .malformed }
            length = sum
        }
        return length
    }
}
