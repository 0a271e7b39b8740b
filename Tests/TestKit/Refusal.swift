package import Messaging
package import Testing

/// The error with which a service refuses what `body` asks for. When it does not refuse, the test fails.
package func refusal<R>(
    sourceLocation: SourceLocation = #_sourceLocation, _ body: () async throws -> R
) async throws -> ServiceError {
    do {
        let result = try await body()
        throw TestFailure.recorded("it was not refused: \(result)", sourceLocation: sourceLocation)
    } catch let error as ServiceError {
        return error
    }
}

/// The error with which a service refuses what `body` asks for; `nil` when it does not. For races, of which some win.
package func refusalIfAny<R>(_ body: () async throws -> R) async throws -> ServiceError? {
    do {
        _ = try await body()
        return nil
    } catch let error as ServiceError {
        return error
    }
}
