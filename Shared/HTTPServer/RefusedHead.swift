package import HTTPTypes

/// What could be read of a request that is not handed on, for the answer's sake: nothing of it may be believed to be
/// the request's own.
package struct RefusedHead: Sendable {
    package var method: HTTPRequest.Method?
    /// The fields before the fault, and of those behind it `Origin`, if it has come.
    package var fields: HTTPFields

    package init(method: HTTPRequest.Method? = nil, fields: HTTPFields = [:]) {
        self.method = method
        self.fields = fields
    }
}

/// Looks through the rest of a head that is too large for what a browser must be told with the refusal: `Origin`.
struct HeadSkimmer {
    /// How much of it is looked through: more than the bounds of a head by as much again.
    private static let limit = 64 * 1024

    private(set) var head: RefusedHead
    private var taken = 0
    private var line: [UInt8] = []

    init(_ head: RefusedHead) { self.head = head }

    /// - Returns: whether there is no more to be found.
    mutating func isDone(with bytes: some Collection<UInt8>) -> Bool {
        for byte in bytes {
            taken += 1
            guard taken <= Self.limit else { return true }
            guard byte == 0x0A else {
                // An origin is short; of what is longer the beginning is enough to know that it is none.
                if line.count < 600 { line.append(byte) }
                continue
            }
            if line.last == 0x0D { line.removeLast() }
            guard !line.isEmpty else { return true }
            line.withUnsafeBytes { text in
                guard text.count < 600, let (name, value) = try? FieldSection.split(text), name.spells("origin") else {
                    return
                }
                head.fields.append(HTTPField(name: .origin, value: value.text))
            }
            line.removeAll(keepingCapacity: true)
        }
        return false
    }
}
