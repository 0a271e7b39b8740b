/// Knows passwords that many people have: words of a list with digits and signs around them, keyboard walks, rows of
/// letters and numbers, dates, and repetitions of any of these.
enum CommonPasswords {
    static func contain(_ password: String) -> Bool {
        let text = PasswordRule.folded(password)
        guard let block = repeatedBlock(text) else { return isCommon(text) }
        // One character again and again is not worth listing but where it is a digit, or at the end of the alphabet.
        if block.count == 1 { return isDigit(block[0]) || "aqwxyz".unicodeScalars.contains(block[0]) }
        return block.count <= 4 || isCommon(text) || isCommon(block)
    }

    private static func isCommon(_ text: [Unicode.Scalar]) -> Bool {
        spellings(text).contains(where: CommonWords.all.contains) || isWalk(text) || isDate(text)
    }

    /// What a word may have been before somebody made a password of it: `P@ssw0rd123!` was `password`.
    private static func spellings(_ text: [Unicode.Scalar]) -> Set<String> {
        let noTail = Array(text.reversed().drop { !$0.properties.isAlphabetic }.reversed())
        let noDigits = Array(text.reversed().drop(while: isDigit).reversed())
        let bare = Array(noTail.drop { !$0.properties.isAlphabetic })
        var all: Set<String> = []
        for spelling in [text, noTail, noDigits, bare] where !spelling.isEmpty {
            all.insert(string(spelling))
            for one in ["i", "l"] as [Unicode.Scalar] { all.insert(string(spelling.map { plain($0, one: one) })) }
        }
        return all
    }

    /// The letter that a digit or sign stands for.
    private static func plain(_ scalar: Unicode.Scalar, one: Unicode.Scalar) -> Unicode.Scalar {
        switch scalar {
        case "0": "o"
        case "1", "!": one
        case "3": "e"
        case "4", "@": "a"
        case "5", "$": "s"
        case "7": "t"
        default: scalar
        }
    }

    /// Whether it is made of pieces of four or more, in each of which every character stands beside the one before: on
    /// a keyboard, in the alphabet, or among the numbers. `1qaz2wsx` and `abcd1234` are.
    private static func isWalk(_ text: [Unicode.Scalar]) -> Bool {
        guard Set(text).count > 2 else { return false }
        var length = 1
        for (previous, next) in zip(text, text.dropFirst()) {
            if isBeside(previous, next) {
                length += 1
            } else if length < 4 {
                return false
            } else {
                length = 1
            }
        }
        return length >= 4
    }

    private static func isBeside(_ one: Unicode.Scalar, _ other: Unicode.Scalar) -> Bool {
        if one == other { return true }
        let bothInRow = (isDigit(one) && isDigit(other)) || (isLetter(one) && isLetter(other))
        if bothInRow, abs(Int(one.value) - Int(other.value)) == 1 { return true }
        guard let first = keys[one], let second = keys[other] else { return false }
        return abs(first.row - second.row) <= 1 && abs(first.column - second.column) <= 1
    }

    /// Rows and columns of the keyboards of most people.
    private static let keys: [Unicode.Scalar: (row: Int, column: Int)] = {
        var keys: [Unicode.Scalar: (row: Int, column: Int)] = [:]
        for (row, letters) in ["1234567890", "qwertyuiop", "asdfghjkl;", "zxcvbnm,./"].enumerated() {
            for (column, letter) in letters.unicodeScalars.enumerated() { keys[letter] = (row, column) }
        }
        return keys
    }()

    /// Whether it is a day, in any order and with any signs between.
    private static func isDate(_ text: [Unicode.Scalar]) -> Bool {
        guard !text.contains(where: \.properties.isAlphabetic) else { return false }
        let digits = text.filter(isDigit).compactMap { Int(String($0)) }
        guard digits.count == 8 else { return false }
        let halves = [0, 2, 4, 6].map { digits[$0] * 10 + digits[$0 + 1] }
        func isDay(_ one: Int, _ other: Int) -> Bool {
            (1...12).contains(min(one, other)) && (1...31).contains(max(one, other))
        }
        return [19, 20].contains(halves[0]) && isDay(halves[2], halves[3])
            || [19, 20].contains(halves[2]) && isDay(halves[0], halves[1])
    }

    /// What the text is a repetition of; `nil` when it is none.
    private static func repeatedBlock(_ text: [Unicode.Scalar]) -> [Unicode.Scalar]? {
        guard text.count > 1 else { return nil }
        for length in 1...text.count / 2 where text.count.isMultiple(of: length) {
            if zip(text, text.dropFirst(length)).allSatisfy({ $0 == $1 }) { return Array(text.prefix(length)) }
        }
        return nil
    }

    private static func isDigit(_ scalar: Unicode.Scalar) -> Bool { ("0"..."9").contains(scalar) }
    private static func isLetter(_ scalar: Unicode.Scalar) -> Bool { ("a"..."z").contains(scalar) }
    private static func string(_ scalars: [Unicode.Scalar]) -> String {
        String(String.UnicodeScalarView(scalars))
    }
}
