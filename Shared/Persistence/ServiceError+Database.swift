package import Messaging
package import Postgres

extension ServiceError {
    /// What a client is told of a database that cannot do the work now; `nil` for faults that are ours.
    package init?(_ fault: DatabaseError) {
        switch fault.kind {
        case .database, .contention, .unknownOutcome:
            switch fault.code {
            case .poolExhausted: self = .overloaded
            case .tooLate: self = .tooLate
            default: self = .unavailable
            }
        case .work, .program: return nil
        }
    }
}
