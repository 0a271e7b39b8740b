package import Primitives

/// Reads a client's JSON object by the rules of the public interface and collects every fault, so that one answer names
/// them all.
///
/// A reading method gives a stand-in when there is a fault; `finish()` throws then, so a stand-in is never used. Always
/// call it.
package struct InputReader {
    /// Looked through and not hashed: few, and a client's names are told apart by their code points.
    private let members: [JSONMember]
    private var read: [String] = []
    private var faults: [FieldFault] = []
    /// A fault within one of these fields has been reported; a second one about the same field helps nobody.
    private var faulty: Set<ExactText> = []

    /// - Throws: `malformed-json`, or `validation-failed` when the document is no object.
    package init(body: [UInt8]) throws(ServiceError) {
        let parsed: (value: JSON, defects: [JSONDefect])
        do {
            parsed = try JSONParser.parse(body, maximumDepth: JSONParser.clientDepth)
        } catch {
            throw ServiceError(.malformedJSON, "The body is not JSON: \(error.reason) at byte \(error.offset).")
        }
        try self.init(parsed.value, defects: parsed.defects)
    }

    /// Reads a value that is parsed already.
    package init(_ value: JSON, defects: [JSONDefect]) throws(ServiceError) {
        guard case .object(let members) = value else {
            throw .validation("body", "type", "must be a JSON object")
        }
        self.members = members
        for defect in defects {
            let (code, message) =
                switch defect.kind {
                case .duplicateName: ("duplicate", "must not stand twice")
                case .nulCharacter: ("characters", "must not contain the character NUL")
                case .loneSurrogate: ("characters", "must not contain half of a surrogate pair")
                case .binary: ("type", "must be JSON, not binary data")
                }
            // What is wrong with a name itself is found where it stands, and that may be the document.
            fault(defect.path.isEmpty ? "body" : defect.path, code, message)
            let first = defect.path.utf8.prefix { $0 != UInt8(ascii: ".") }
            faulty.insert(ExactText(String(Substring(first))))
        }
    }

    /// Whether as many faults were found as are told.
    private var isFull: Bool { faults.count >= FieldFault.limit }

    /// Adds a fault found by a rule that is not of this reader.
    package mutating func fault(_ field: String, _ code: String, _ message: String) {
        // What is too many to be told is still a fault, but need not be kept.
        guard !isFull, faulty.insert(ExactText(field)).inserted else { return }
        faults.append(FieldFault(field, code, message))
    }

    private func member(_ field: String) -> JSON? { members.last { $0.name.isExactly(field) }?.value }

    /// Whether the field is there, with `null` as well.
    package func has<Value: Sendable>(_ field: InputField<Value>) -> Bool { member(field.name) != nil }

    /// Whether the field is there and `null`.
    package func isNull<Value: Sendable>(_ field: InputField<Value>) -> Bool { isNull(field.name) }

    private func isNull(_ field: String) -> Bool { member(field)?.isNull ?? false }

    /// The fault of a change that changes nothing.
    package mutating func requireAny(of fields: some InputFields) {
        guard !fields.atLeastOneOf.contains(where: { member($0) != nil }) else { return }
        fault("body", "required", "must have at least one field to change")
    }

    private mutating func take<Value: Sendable>(_ field: InputField<Value>) -> JSON? {
        read.append(field.name)
        guard let value = member(field.name), !value.isNull else { return nil }
        return value
    }

    private func hasRead(_ member: JSONMember) -> Bool { read.contains { member.name.isExactly($0) } }

    /// A text that must be there and hold more than white space and what cannot be seen.
    package mutating func text(_ field: InputField<String>) -> String {
        guard let value = take(field) else {
            missing(field)
            return ""
        }
        return text(value, field.name, field.bounds)
    }

    /// Checks a value that was taken already as a text of `field`: its type, its length in Unicode scalars, and that it
    /// is not blank.
    /// - Returns: the text; "" when it is none. One that breaks a bound is returned all the same, beside its fault.
    package mutating func text(_ value: JSON, _ field: String, _ length: ClosedRange<Int>) -> String {
        guard case .string(let text) = value else {
            fault(field, "type", "must be a string")
            return ""
        }
        checkText(text, field, length)
        return text
    }

    private mutating func checkText(_ text: String, _ field: String, _ length: ClosedRange<Int>) {
        let count = text.unicodeScalars.count
        if !length.contains(count) {
            fault(field, "length", "must have \(length.lowerBound) to \(length.upperBound) characters")
        } else if length.lowerBound > 0, text.unicodeScalars.allSatisfy(\.isBlank) {
            fault(field, "blank", "must not be white space only")
        }
    }

    /// A text with bounds only: passwords, tokens, where white space counts.
    package mutating func secret(_ field: InputField<String>) -> String {
        guard let value = take(field) else {
            missing(field)
            return ""
        }
        guard case .string(let text) = value else {
            fault(field.name, "type", "must be a string")
            return ""
        }
        let length = field.bounds
        if !length.contains(text.unicodeScalars.count) {
            fault(field.name, "length", "must have \(length.lowerBound) to \(length.upperBound) characters")
        }
        return text
    }

    /// A text with bounds only that may be left out: `nil` then, and for `null`.
    package mutating func optionalSecret(_ field: InputField<String>) -> String? {
        take(field) == nil ? nil : secret(field)
    }

    /// A whole number that must be there.
    package mutating func integer(_ field: InputField<Int>) -> Int {
        guard let value = take(field) else {
            missing(field)
            return field.bounds.lowerBound
        }
        return integer(value, field.name, in: field.bounds)
    }

    /// A whole number that may be left out: `nil` then, and for `null`.
    package mutating func optionalInteger(_ field: InputField<Int>) -> Int? {
        guard let value = take(field) else { return nil }
        return integer(value, field.name, in: field.bounds)
    }

    private mutating func integer(_ value: JSON, _ field: String, in range: ClosedRange<Int>) -> Int {
        guard case .number(let number) = value else {
            fault(field, "type", "must be a whole number")
            return range.lowerBound
        }
        guard let integer = number.integer else {
            fault(field, "type", "must be a whole number")
            return range.lowerBound
        }
        if !range.contains(integer) { fault(field, "range", "must be from \(range.lowerBound) to \(range.upperBound)") }
        return integer
    }

    /// `true` or `false`, which must be there.
    package mutating func boolean(_ field: InputField<Bool>) -> Bool {
        guard let value = take(field) else {
            missing(field)
            return false
        }
        guard case .bool(let flag) = value else {
            fault(field.name, "type", "must be true or false")
            return false
        }
        return flag
    }

    /// A UUID that may be left out.
    package mutating func optionalIdentifier(_ field: InputField<Identifier>) -> Identifier? {
        guard let value = take(field) else { return nil }
        guard case .string(let text) = value else {
            fault(field.name, "type", "must be a string")
            return nil
        }
        guard let identifier = Identifier(text) else {
            fault(field.name, "format", "must be a UUID")
            return nil
        }
        return identifier
    }

    /// A word that must be there.
    package mutating func choice<Choice: DescribedWord>(_ field: InputField<Choice>) -> Choice? {
        guard let value = take(field) else {
            missing(field)
            return nil
        }
        guard case .string(let text) = value else {
            fault(field.name, "type", "must be a string")
            return nil
        }
        guard let choice = Choice(rawValue: text) else {
            let known = Choice.allCases.map(\.rawValue).joined(separator: ", ")
            fault(field.name, "value", "must be one of: \(known)")
            return nil
        }
        return choice
    }

    /// The value as it stands, marked as read; `nil` when it is absent or `null`.
    package mutating func value<Value: Sendable>(_ field: InputField<Value>) -> JSON? { take(field) }

    /// Adds the fault of a field that must be there: `null` when it is that, else `required`.
    package mutating func missing<Value: Sendable>(_ field: InputField<Value>) {
        if isNull(field.name) {
            fault(field.name, "null", "must not be null")
        } else {
            fault(field.name, "required", "is required")
        }
    }

    /// Throws `validation-failed` with every fault, unknown fields included.
    package mutating func finish() throws(ServiceError) {
        for member in members {
            // A stranger's body may have thousands of them.
            if isFull { break }
            if !hasRead(member) { fault(member.name, "unknown", "is not a known field") }
        }
        guard faults.isEmpty else { throw .validation(faults) }
    }

    /// Throws `validation-failed` with the faults found so far; what has not been read is another's business.
    package func requireNoFaults() throws(ServiceError) {
        guard faults.isEmpty else { throw .validation(faults) }
    }

    /// The members that were not read, as an object, for a part of the system that reads the rest.
    package func remainder(of value: JSON) -> JSON {
        guard case .object(let members) = value else { return value }
        return .object(members.filter { !hasRead($0) })
    }
}
