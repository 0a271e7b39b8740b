/// Subjects are tokens with dots between; in a pattern `*` stands for one token and `>` for one or more at the end.
enum Subject {
    static func matches(_ pattern: String, _ subject: String) -> Bool {
        let wanted = pattern.split(separator: ".", omittingEmptySubsequences: false)
        let tokens = subject.split(separator: ".", omittingEmptySubsequences: false)
        for (index, token) in wanted.enumerated() {
            guard index < tokens.count else { return false }
            if token == ">" { return true }
            if token != "*", token != tokens[index] { return false }
        }
        return wanted.count == tokens.count
    }
}
