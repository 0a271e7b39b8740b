/// Numbers of a `Database`, for metrics.
package struct DatabaseStatistics: Sendable, Hashable {
    /// Connections open now.
    package var open = 0
    /// Connections running a call now.
    package var inUse = 0
    /// Calls waiting for a connection now.
    package var waiting = 0
    /// Calls executed since the start.
    package var executed = 0
    /// Calls refused since the start: `.poolExhausted`, `.acquireTimeout`, `.unavailable`.
    package var refused = 0
    /// Connections lost since the start, those closed in order not counted.
    package var lost = 0
}
