import Primitives

/// What a client takes for an answer: its `Accept` fields (RFC 9110 §12.5.1).
///
/// Reading never fails. What cannot be read as a media range is passed over, so that one that is misspelled takes
/// nothing from the others; a weight may be written as old clients do (`*`, `q=.2`).
struct AcceptHeader: Sendable, Equatable {
    /// One `type/subtype;parameters;q=…`.
    struct Range: Sendable, Equatable {
        /// In lower case; `*` for any.
        var type: String
        var subtype: String
        /// Names in lower case.
        var parameters: [Parameter] = []
        /// In thousandths; 0 for what is not taken.
        var weight = 1000
    }

    struct Parameter: Sendable, Equatable {
        var name: String
        var value: String
    }

    /// In the order sent.
    let ranges: [Range]
    /// Whether nothing was said, so that anything will do.
    private let isEmpty: Bool

    /// - Parameter lines: the values of all fields of the name, in the order sent; together they are one list (§5.3).
    init(_ lines: [String]) {
        let elements = lines.flatMap { Self.split($0.utf8[...], at: UInt8(ascii: ",")) }.filter { !$0.isEmpty }
        isEmpty = elements.isEmpty
        ranges = elements.compactMap(Self.range)
    }

    /// Which of the types on offer the client likes best: the one of the highest weight; of several, what is named more
    /// exactly; of those, what stands first among `offers`. `nil` when it takes none of them.
    func best(of offers: [MediaType]) -> MediaType? {
        guard !isEmpty else { return offers.first }
        var best: (offer: MediaType, weight: Int, exactness: Int)?
        for offer in offers {
            // The most exact range decides, also when it says no.
            let fitting = ranges.filter { offer.isIn($0) }
            guard let exactness = fitting.map(\.exactness).max(),
                let weight = fitting.filter({ $0.exactness == exactness }).map(\.weight).max(), weight > 0
            else { continue }
            if let best, (best.weight, best.exactness) >= (weight, exactness) { continue }
            best = (offer, weight, exactness)
        }
        return best?.offer
    }

    private static func range(_ element: Substring.UTF8View) -> Range? {
        let parts = split(element, at: UInt8(ascii: ";"))
        guard let first = parts.first else { return nil }
        let names = first.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).map(lowercase)
        var range: Range
        switch names.count {
        case 1 where names[0] == "*": range = Range(type: "*", subtype: "*")
        case 2 where names.allSatisfy(isToken) && (names[0] != "*" || names[1] == "*"):
            range = Range(type: names[0], subtype: names[1])
        default: return nil
        }
        for part in parts.dropFirst() where !part.isEmpty {
            guard let equals = part.firstIndex(of: UInt8(ascii: "=")) else { return nil }
            let name = lowercase(part[..<equals])
            guard isToken(name), let value = value(part[part.index(after: equals)...]) else { return nil }
            if name == "q" {
                guard let weight = weight(value) else { return nil }
                range.weight = weight
            } else {
                range.parameters.append(Parameter(name: name, value: value))
            }
        }
        return range
    }

    /// Takes apart at a sign that does not stand within quotes, and trims what there is of blanks.
    private static func split(_ text: Substring.UTF8View, at separator: UInt8) -> [Substring.UTF8View] {
        var parts: [Substring.UTF8View] = []
        var (start, isQuoted, isEscaped) = (text.startIndex, false, false)
        for index in text.indices {
            let byte = text[index]
            if isEscaped {
                isEscaped = false
            } else if isQuoted {
                isEscaped = byte == UInt8(ascii: "\\")
                isQuoted = byte != UInt8(ascii: "\"")
            } else if byte == UInt8(ascii: "\"") {
                isQuoted = true
            } else if byte == separator {
                parts.append(trimmed(text[start..<index]))
                start = text.index(after: index)
            }
        }
        parts.append(trimmed(text[start...]))
        return parts
    }

    private static func trimmed(_ text: Substring.UTF8View) -> Substring.UTF8View {
        func isBlank(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }
        var text = text.drop(while: isBlank)
        while let last = text.last, isBlank(last) { text.removeLast() }
        return text
    }

    /// A token, or what a quoted string says (RFC 9110 §5.6.4); `nil` for anything else.
    private static func value(_ text: Substring.UTF8View) -> String? {
        guard text.first == UInt8(ascii: "\"") else {
            let token = String(Substring(text))
            return isToken(token) ? token : nil
        }
        var (bytes, rest) = ([UInt8](), text.dropFirst())
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "\"") { return rest.isEmpty ? String(decoding: bytes, as: UTF8.self) : nil }
            if byte == UInt8(ascii: "\\") {
                guard let escaped = rest.popFirst() else { return nil }
                bytes.append(escaped)
            } else {
                bytes.append(byte)
            }
        }
        return nil
    }

    /// `0.5` in thousandths; digits behind the third are passed over. `nil` for what is no number from 0 to 1.
    private static func weight(_ text: String) -> Int? {
        let parts = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        let digits = parts.count == 2 ? Array(parts[1]) : []
        guard parts.count <= 2, parts[0].count + digits.count > 0,
            (parts[0] + digits).allSatisfy({ (0x30...0x39).contains($0) }), parts[0].count <= 1
        else { return nil }
        var thousandths = parts[0].first.map { Int($0 - 0x30) * 1000 } ?? 0
        for (digit, unit) in zip(digits, [100, 10, 1]) { thousandths += Int(digit - 0x30) * unit }
        return thousandths <= 1000 ? thousandths : nil
    }

    /// Of ASCII letters, no others: names of types are ASCII.
    fileprivate static func lowercase(_ text: Substring.UTF8View) -> String {
        String(decoding: text.map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }, as: UTF8.self)
    }

    /// RFC 9110 §5.6.2.
    private static func isToken(_ text: String) -> Bool {
        !text.isEmpty
            && text.utf8.allSatisfy { byte in
                switch byte {
                case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
                default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
                }
            }
    }
}

extension AcceptHeader.Range {
    /// How exactly it names a type: more parameters more, `*/*` least.
    fileprivate var exactness: Int {
        if type == "*" { return 0 }
        return subtype == "*" ? 1 : 2 + parameters.count
    }
}

/// A type of answers that there is to choose.
struct MediaType: Sendable, Equatable {
    /// In lower case.
    var type: String
    var subtype: String
    /// What is true of the answer, in lower case; a range may ask for these and no others.
    var parameters: [AcceptHeader.Parameter] = []

    fileprivate func isIn(_ range: AcceptHeader.Range) -> Bool {
        guard range.type == "*" || range.type.isExactly(type), range.subtype == "*" || range.subtype.isExactly(subtype)
        else { return false }
        return range.parameters.allSatisfy { wanted in
            let value = AcceptHeader.lowercase(wanted.value.utf8[...])
            return parameters.contains { $0.name.isExactly(wanted.name) && $0.value.isExactly(value) }
        }
    }
}
