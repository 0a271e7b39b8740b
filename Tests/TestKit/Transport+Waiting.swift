package import Messaging
package import Testing

extension Transport {
    /// Waits until somebody answers `subject`.
    ///
    /// - Parameter probe: what is sent until then; whoever serves gets it, perhaps more than once.
    package func waitUntilServed(
        _ subject: String, probe: Envelope = Envelope(), sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        try await eventually("\(subject) is served", sourceLocation: sourceLocation) {
            (try? await request(subject, probe, timeout: .seconds(1).slackened)) != nil
        }
    }

    /// Waits until the server knows what this transport has subscribed to: a request goes behind it on the same link.
    ///
    /// - Parameter subject: one that nobody serves, and that may be asked.
    package func settle(
        by subject: String = "settle.\(uniqueName())", sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        do throws(TransportError) {
            _ = try await request(subject, Envelope(), timeout: .seconds(5).slackened)
            throw .failed("somebody serves \(subject)")
        } catch {
            guard error != .noResponders else { return }
            throw TestFailure.recorded("not settled: \(error)", sourceLocation: sourceLocation)
        }
    }
}
