/// A statement and its parameters.
///
/// Written as a string literal whose interpolated values are bound as `$1`, `$2` …, never pasted into the text:
/// `"select id from orders where owner_id = \(owner) and n < \(n)"`. The server infers the types of the parameters;
/// where it cannot (`select $1`), write a cast. Statements are prepared once per connection by their text, so keep the
/// number of different texts small.
package struct SQL: Sendable, ExpressibleByStringInterpolation {
    /// The statement with `$1`, `$2` … in the place of its parameters.
    package private(set) var text: String
    /// Where each `$n` starts in the UTF-8 of `text`, in order: what splicing has to renumber.
    private var placeholders: [Int] = []
    private(set) var parameters = ParameterBuffer()
    /// libpq would cut the text there. Raw text only: nobody writes a NUL into a literal.
    private(set) var hasNUL = false

    /// A statement without parameters.
    package init(stringLiteral: String) { text = stringLiteral }

    /// What the compiler calls for a literal with interpolations.
    package init(stringInterpolation: StringInterpolation) { self = stringInterpolation.sql }

    /// `text` as it is. Never from anything a user sent.
    package init(unsafe text: String) {
        self.text = text
        hasNUL = text.utf8.contains(0)
    }

    /// How many parameters are bound. PostgreSQL takes at most 65,535.
    package var parameterCount: Int { parameters.count }

    /// Both texts, the second one's parameters renumbered.
    package static func + (left: SQL, right: SQL) -> SQL {
        var sum = left
        sum += right
        return sum
    }

    /// Appends a fragment, its parameters renumbered.
    package static func += (left: inout SQL, right: SQL) { left.append(right) }

    private mutating func append(literal: String) { text += literal }

    private mutating func append(unsafe raw: String) {
        text += raw
        hasNUL = hasNUL || raw.utf8.contains(0)
    }

    private mutating func append(_ value: some SQLParameter) {
        value.encode(into: &parameters)
        appendPlaceholder(number: parameters.count)
    }

    private mutating func append(_ other: SQL) {
        hasNUL = hasNUL || other.hasNUL
        guard !other.placeholders.isEmpty else {
            text += other.text
            return
        }
        let first = parameters.count
        let bytes = other.text.utf8
        var position = bytes.startIndex
        var offset = 0
        for (index, placeholder) in other.placeholders.enumerated() {
            let dollar = bytes.index(position, offsetBy: placeholder - offset)
            text += other.text[position..<dollar]
            appendPlaceholder(number: first + index + 1)
            let width = SQL.width(ofPlaceholder: index + 1)
            position = bytes.index(dollar, offsetBy: width)
            offset = placeholder + width
        }
        text += other.text[position...]
        parameters.append(other.parameters)
    }

    private mutating func appendPlaceholder(number: Int) {
        placeholders.append(text.utf8.count)
        text += "$"
        text += String(number)
    }

    /// `$` and the digits of `number`.
    private static func width(ofPlaceholder number: Int) -> Int {
        var width = 2
        var rest = number
        while rest >= 10 {
            rest /= 10
            width += 1
        }
        return width
    }
}

extension SQL {
    /// What the compiler turns a literal with interpolations into.
    package struct StringInterpolation: StringInterpolationProtocol {
        fileprivate var sql: SQL

        /// What the compiler calls first; makes room for what will come.
        package init(literalCapacity: Int, interpolationCount: Int) {
            sql = SQL(capacity: literalCapacity + interpolationCount * 4, parameters: interpolationCount)
        }

        /// Appends what stands in the program's own text.
        package mutating func appendLiteral(_ literal: String) { sql.append(literal: literal) }

        /// Binds `value` as the next parameter.
        package mutating func appendInterpolation(_ value: some SQLParameter) { sql.append(value) }

        /// Binds `value`, or NULL. (Without this overload the compiler would warn of a description of an optional.)
        package mutating func appendInterpolation<T: SQLParameter>(_ value: T?) { sql.append(value) }

        /// Splices `fragment`, its parameters renumbered.
        package mutating func appendInterpolation(sql fragment: SQL) { sql.append(fragment) }

        /// Pastes `raw` into the text. Never from anything a user sent.
        package mutating func appendInterpolation(unsafe raw: String) { sql.append(unsafe: raw) }

        /// Pastes `name` as a quoted identifier.
        package mutating func appendInterpolation(identifier name: String) { sql.append(literal: SQL.quoted(name)) }
    }

    private init(capacity: Int, parameters count: Int) {
        text = ""
        text.reserveCapacity(capacity)
        placeholders.reserveCapacity(count)
        parameters.reserveCapacity(count)
    }

    /// `name` between double quotes, those in it doubled; what follows a NUL, which PostgreSQL has no way to write, is
    /// left away.
    static func quoted(_ name: String) -> String {
        var quoted = "\""
        for character in name.unicodeScalars.prefix(while: { $0 != "\0" }) {
            if character == "\"" { quoted.unicodeScalars.append(character) }
            quoted.unicodeScalars.append(character)
        }
        return quoted + "\""
    }
}

extension Sequence where Element == SQL {
    /// The fragments one after the other with `separator` between them, parameters renumbered.
    package func joined(separator: SQL) -> SQL {
        var joined: SQL = ""
        var isFirst = true
        for fragment in self {
            if !isFirst { joined += separator }
            joined += fragment
            isFirst = false
        }
        return joined
    }
}
