import Messaging
import Primitives
import Threads

/// Lets passwords and codes be tried only so often. It is decided before they are looked at, by rows that all replicas
/// share.
struct Throttle: Sendable {
    let store: AuthStore
    /// Whether attempts are counted by network as well.
    var countsNetworks = true

    /// How long an attempt may take at most, in seconds; one that lasts longer counts as wrong.
    static let longest: Int64 = 30

    /// What an attempt came to.
    enum Attempt<Value: Sendable>: Sendable {
        case right(Value)
        /// The password or code was wrong: this is what the client is told.
        case wrong(ServiceError)
        /// Nothing was found out about the password or code, or nothing that could help in guessing it.
        case undecided(ServiceError)
    }

    /// Runs `body`, which looks at a password or code, if one more may be tried.
    ///
    /// - Parameter keys: what it is counted on.
    /// - Throws: `too-many-attempts`; what `body` throws, which counts as not tried.
    func attempt<Value: Sendable>(
        _ keys: [CountedKey], _ context: CallContext, _ body: () async throws -> Attempt<Value>
    ) async throws -> Value {
        let keys = countsNetworks ? keys : keys.filter { $0.limit != .network }
        try await begin(keys, context)
        let attempt: Attempt<Value>
        do {
            attempt = try await body()
        } catch {
            await end(keys, .undecided)
            throw error
        }
        switch attempt {
        case .right(let value):
            await end(keys, .right)
            return value
        case .wrong(let error):
            await end(keys, .wrong)
            throw error
        case .undecided(let error):
            await end(keys, .undecided)
            throw error
        }
    }

    private func begin(_ keys: [CountedKey], _ context: CallContext) async throws {
        var pause = Duration.milliseconds(20)
        let patience = min(context.deadline ?? .now + .seconds(10), .now + .seconds(10))
        while true {
            switch try await store.beginAttempt(keys, lasting: Self.longest) {
            case .admitted: return
            case .refused(let until):
                throw ServiceError.tooManyAttempts(seconds: until.seconds - store.now().seconds)
            case .wait:
                // As many as may be wrong are being looked at. Of those that are right nobody shall notice it.
                guard .now + pause < patience else { throw ServiceError.tooManyAttempts(seconds: 1) }
                try await Pause.sleep(for: pause)
                pause = min(pause * 2, .milliseconds(160))
            }
        }
    }

    /// One that cannot be ended counts as wrong once it is given up for lost: nobody can guess more by keeping the
    /// database from answering.
    private func end(_ keys: [CountedKey], _ outcome: AttemptCount.Outcome) async {
        try? await store.endAttempt(keys, outcome)
    }
}

extension ServiceError {
    /// The one answer to too many wrong passwords or codes, whoever gave them and whether or not there is the account.
    static func tooManyAttempts(seconds: Int64) -> ServiceError {
        ServiceError(
            .tooManyAttempts, "There were too many wrong attempts: wait before the next one.",
            retryAfter: Int(max(1, seconds)))
    }
}
