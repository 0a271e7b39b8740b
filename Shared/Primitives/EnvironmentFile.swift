/// The variables of a file such as `.env`, one reader for every program.
///
/// The grammar is that of Docker Compose ("Syntax for environment files in Docker Compose"), less what other readers
/// take otherwise: that is a fault, so that one file means one thing to all of them.
///
/// - `NAME=value`, `NAME="value"`, `NAME='value'`; `export` before it and blanks around the `=` do not count. A name
///   alone leaves the variable to the environment.
/// - `#` begins a comment at the start of a line, after a blank behind a bare value, and behind a closing quote.
/// - Between single quotes all is literal, but `\'` is a quote. Between double quotes `\n`, `\r`, `\t`, `\\`, `\"` and
///   `\$` stand for one character. Both may go over several lines.
/// - `$` is a fault but in single quotes or as `\$`: Compose would put a variable in its place.
/// - The last of several values counts.
package struct EnvironmentFile: Sendable, Equatable {
    package private(set) var variables: [String: String] = [:]

    /// - Throws: an error that names every line that is at fault, and shows no value.
    package init(parsing text: String) throws(EnvironmentFileError) {
        var reader = EnvironmentReader(text)
        while let (name, value) = reader.next() { variables[name] = value }
        guard reader.faults.isEmpty else { throw EnvironmentFileError(faults: reader.faults) }
    }
}

/// Lines of a file of variables that cannot be read, each with its number and the reason.
package struct EnvironmentFileError: Error, Sendable, Equatable, CustomStringConvertible {
    package var faults: [String]

    package var description: String { faults.joined(separator: "; ") }
}
