import AuthService
import Foundation

/// Takes a password from whoever runs a command.
enum PasswordPrompt {
    /// On a terminal it is asked for, twice and without being shown; otherwise it is the first line of standard input.
    static func read() throws -> String {
        guard isatty(STDIN_FILENO) == 1 else { return try line() }
        let first = try hidden("Password: ")
        guard try hidden("The same again: ") == first else { throw CommandFailure("The two passwords differ.") }
        return first
    }

    private static func hidden(_ prompt: String) throws -> String {
        var before = termios()
        guard tcgetattr(STDIN_FILENO, &before) == 0 else { throw CommandFailure("The terminal cannot be silenced.") }
        var silent = before
        silent.c_lflag &= ~tcflag_t(ECHO)
        guard tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent) == 0 else {
            throw CommandFailure("The terminal cannot be silenced.")
        }
        defer {
            tcsetattr(STDIN_FILENO, TCSANOW, &before)
            FileHandle.standardError.write(Data("\n".utf8))
        }
        FileHandle.standardError.write(Data(prompt.utf8))
        return try line()
    }

    private static func line() throws -> String {
        guard let line = readLine(strippingNewline: true) else { throw CommandFailure("No password was given.") }
        return line
    }
}
