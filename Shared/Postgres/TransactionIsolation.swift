/// What a transaction sees of others: https://www.postgresql.org/docs/15/transaction-iso.html
package enum TransactionIsolation: Sendable {
    case readCommitted
    case repeatableRead
    case serializable

    /// The statement that begins such a transaction.
    func begin(readOnly: Bool) -> SQL {
        switch (self, readOnly) {
        case (.readCommitted, false): "begin isolation level read committed"
        case (.readCommitted, true): "begin isolation level read committed read only"
        case (.repeatableRead, false): "begin isolation level repeatable read"
        case (.repeatableRead, true): "begin isolation level repeatable read read only"
        case (.serializable, false): "begin isolation level serializable"
        case (.serializable, true): "begin isolation level serializable read only"
        }
    }
}
