/// Why a stack could not be started, in words for the person who typed the command.
package struct StackError: Error, CustomStringConvertible {
    /// One or more lines; the first says what is wrong, the rest what to do or where to look.
    package let description: String

    package init(_ description: String) {
        self.description = description
    }
}
