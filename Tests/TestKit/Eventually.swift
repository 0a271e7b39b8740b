package import Testing

/// Waits until `condition` holds.
///
/// - Parameters:
///   - what: said when it does not come in time.
///   - limit: as long as a test waits at most; `Slack` makes it longer.
///   - seen: said too: what there is instead.
/// - Throws: `TestFailure` when it does not come in time; whatever `condition` throws, at once.
package func eventually(
    _ what: String, within limit: Duration = .patience, seen: @autoclosure () -> String? = nil,
    sourceLocation: SourceLocation = #_sourceLocation, _ condition: () async throws -> Bool
) async throws {
    let end = ContinuousClock.now + limit.slackened
    while try await !condition() {
        guard ContinuousClock.now < end else {
            let last = seen().map { "; there is: \($0)" } ?? ""
            throw TestFailure.recorded("not in time: \(what)\(last)", sourceLocation: sourceLocation)
        }
        try await Task.sleep(for: .milliseconds(2))
    }
}

/// Waits until `value` is one that is wanted; a failure says what it was last.
///
/// - Returns: the value.
@discardableResult
package func eventually<Value>(
    _ what: String, _ value: () async throws -> Value, within limit: Duration = .patience,
    sourceLocation: SourceLocation = #_sourceLocation, is isWanted: (Value) -> Bool
) async throws -> Value {
    let end = ContinuousClock.now + limit.slackened
    while true {
        let last = try await value()
        if isWanted(last) { return last }
        guard ContinuousClock.now < end else {
            throw TestFailure.recorded("not in time: \(what); it was last: \(last)", sourceLocation: sourceLocation)
        }
        try await Task.sleep(for: .milliseconds(2))
    }
}

/// Ends a test: what it stands on is not there.
package struct TestFailure: Error, CustomStringConvertible {
    package let description: String

    package init(_ description: String) { self.description = description }

    /// A failure that is recorded where it happened, so that nobody who catches it hides it.
    package static func recorded(_ description: String, sourceLocation: SourceLocation) -> TestFailure {
        Issue.record(Comment(rawValue: description), sourceLocation: sourceLocation)
        return TestFailure(description)
    }
}
