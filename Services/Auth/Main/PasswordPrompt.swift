import AuthService
import Foundation
import Logs

/// Takes a password from whoever runs a command.
enum PasswordPrompt {
    /// On a terminal it is asked for, twice and without being shown; otherwise it is the first line of standard input.
    static func read() throws -> String {
        guard isatty(STDIN_FILENO) == 1 else { return try line() }
        let first = try hidden("Password: ")
        guard try hidden("The same again: ").utf8.elementsEqual(first.utf8) else {
            throw CommandFailure("The two passwords differ.")
        }
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
            show("\n")
        }
        show(prompt)
        return try line()
    }

    /// A prompt that cannot be shown does not keep anybody from typing.
    private static func show(_ text: String) { _ = Descriptor.write(Array(text.utf8), to: STDERR_FILENO) }

    private static func line() throws -> String {
        guard let line = readLine(strippingNewline: true) else { throw CommandFailure("No password was given.") }
        return line
    }
}
