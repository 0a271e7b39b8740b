/// What was counted while it was measured.
struct ChatTally {
    var acknowledgements = 0
    var deliveries = 0
    /// Messages that everybody in their room has.
    var complete = 0
    /// Deliveries whose number was not the next one.
    var disordered = 0
    /// Refusals.
    var failures = 0
    /// Sockets that did not last.
    var ended = 0
    /// The last thing that went wrong.
    var failure: String?
    var untilAcknowledgement = Latencies()
    var untilDelivery = Latencies()

    /// - Parameters:
    ///   - seconds: how long was measured.
    ///   - missing: messages that at the end somebody lacks.
    func json(seconds: Double, missing: Int) -> String {
        // One counts when it is acknowledged as well as told to all. Only a bare server acknowledges nothing.
        let messages = acknowledgements == 0 ? complete : min(acknowledgements, complete)
        let reason = (failure ?? "").map { $0 == "\"" || $0 == "\\" || $0.isNewline ? "'" : String($0) }.joined()
        return """
            {"perSecond":\(Double(messages) / seconds),"deliveriesPerSecond":\(Double(deliveries) / seconds),\
            "acknowledged":\(acknowledgements),"delivered":\(deliveries),"disordered":\(disordered),"missing":\(missing),\
            "failures":\(failures),"ended":\(ended),"failure":"\(reason)","acknowledgement":\(untilAcknowledgement.json),\
            "delivery":\(untilDelivery.json)}
            """
    }
}
