/// Goes through the text of an `EnvironmentFile` by Unicode scalars: a combining mark must not hide a quote or the end
/// of a line.
struct EnvironmentReader {
    private let text: [Unicode.Scalar]
    private var place = 0
    private var line = 1
    private(set) var faults: [String] = []

    init(_ text: String) {
        var scalars = Array(text.unicodeScalars)
        if scalars.first == "\u{FEFF}" { scalars.removeFirst() }
        self.text = scalars
    }

    /// The next variable; lines at fault are noted and passed over.
    mutating func next() -> (name: String, value: String)? {
        while place < text.count {
            let (start, number) = (place, line)
            do throws(Fault) {
                if let variable = try variable() { return variable }
            } catch {
                faults.append("line \(number): \(error.reason)")
                // On with the line after the one where the fault began: an open quote must not swallow the rest.
                (place, line) = (start, number)
                passLine()
            }
        }
        return nil
    }

    /// The variable of the line that begins here; `nil` for a line without one.
    private mutating func variable() throws(Fault) -> (name: String, value: String)? {
        passBlanks()
        guard !isAtEndOfLine, text[place] != "#" else {
            passLine()
            return nil
        }
        var name = word()
        if name == "export", !isAtEndOfLine, isBlank(text[place]) {
            passBlanks()
            name = word()
        }
        passBlanks()
        guard let first = name.unicodeScalars.first, !("0"..."9").contains(first) else {
            throw Fault("is not NAME=value")
        }
        if isAtEndOfLine {
            passLine()
            return nil
        }
        guard text[place] == "=" else { throw Fault("is not NAME=value") }
        place += 1
        passBlanks()
        return (name, try value())
    }

    private mutating func value() throws(Fault) -> String {
        guard !isAtEndOfLine else {
            passLine()
            return ""
        }
        switch text[place] {
        case "'", "\"":
            let value = try quoted(by: text[place])
            passBlanks()
            guard isAtEndOfLine || text[place] == "#" else { throw Fault("has something behind the closing quote") }
            passLine()
            return value
        case "#": throw Fault("has a value that begins with #: put it in quotes, or leave the line empty")
        default: return try bare()
        }
    }

    /// To the end of the line or a comment, without the blanks before that.
    private mutating func bare() throws(Fault) -> String {
        var value = String.UnicodeScalarView()
        while !isAtEndOfLine {
            if text[place] == "#", text[place - 1] == " " { break }
            guard text[place] != "$" else { throw Fault.dollar }
            value.append(text[place])
            place += 1
        }
        passLine()
        while let last = value.last, isBlank(last) { value.removeLast() }
        return String(value)
    }

    private mutating func quoted(by quote: Unicode.Scalar) throws(Fault) -> String {
        var value = String.UnicodeScalarView()
        place += 1
        while place < text.count {
            let scalar = text[place]
            place += 1
            if scalar == quote { return String(value) }
            if scalar == "\n" { line += 1 }
            if scalar == "$", quote == "\"" { throw Fault.dollar }
            guard scalar == "\\", place < text.count else {
                value.append(scalar)
                continue
            }
            let escaped = text[place]
            place += 1
            if quote == "\"" {
                value.append(try Self.unescaped(escaped))
            } else {
                // A backslash before anything but the quote is itself, and so is a second one.
                if escaped != quote { value.append(scalar) }
                if escaped == "\n" { line += 1 }
                value.append(escaped)
            }
        }
        throw Fault("has a quote that is not closed")
    }

    private static func unescaped(_ scalar: Unicode.Scalar) throws(Fault) -> Unicode.Scalar {
        switch scalar {
        case "n": "\n"
        case "r": "\r"
        case "t": "\t"
        case "\\", "\"", "$": scalar
        default: throw Fault("has a backslash before something that has no meaning between double quotes")
        }
    }

    // MARK: Steps

    /// Letters, digits and `_`, as far as they go.
    private mutating func word() -> String {
        var word = String.UnicodeScalarView()
        while place < text.count, text[place].isASCII,
            text[place] == "_" || text[place].properties.isAlphabetic
                || ("0"..."9").contains(text[place])
        {
            word.append(text[place])
            place += 1
        }
        return String(word)
    }

    private func isBlank(_ scalar: Unicode.Scalar) -> Bool { scalar == " " || scalar == "\t" || scalar == "\r" }

    private var isAtEndOfLine: Bool { place >= text.count || text[place] == "\n" }

    private mutating func passBlanks() { while !isAtEndOfLine, isBlank(text[place]) { place += 1 } }

    /// To the beginning of the next line.
    private mutating func passLine() {
        while !isAtEndOfLine { place += 1 }
        guard place < text.count else { return }
        place += 1
        line += 1
    }

    private struct Fault: Error {
        static let dollar = Fault("has a $, which is read in several ways: put the value in single quotes")

        let reason: String

        init(_ reason: String) { self.reason = reason }
    }
}
