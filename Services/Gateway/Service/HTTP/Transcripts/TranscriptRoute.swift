import Contracts
import HTTPTypes
import Hummingbird
import Logging
import Messaging
import SocketServer

/// Answers a room's transcript in the form that the client asks for.
struct TranscriptRoute: Sendable {
    let bus: MessageBus
    let revocations: Revocations
    let logger: Logger
    private let slots = WorkSlots(4)

    init(bus: MessageBus, revocations: Revocations, logger: Logger) {
        self.bus = bus
        self.revocations = revocations
        self.logger = logger
    }

    /// What is wrong is found out here, with the first page: once the response has begun it can only be cut.
    func answer(_ request: GatewayRequest) async throws -> Response {
        let orderID = try request.id("orderId")
        var query = QueryReader(request.query)
        let hasMark = query.boolean(TranscriptFields.fields.hasMark) ?? false
        try query.finish()
        let form = try TranscriptForm(AcceptHeader(request.head.headerFields[values: .accept]))
        let caller = try request.context.requireCaller()
        let first = try await bus.call(Chat.Transcript(orderID: orderID), context: request.context)
        guard let head = first.head else { throw ServiceError.internal }
        var place = TranscriptPlace(end: head.lastSeq)
        try place.take(first.messages)
        let stream = TranscriptStream(
            head, first.messages, renderer: form.renderer(hasMark: hasMark),
            pages: TranscriptPages(
                bus: bus, slots: slots, revocations: revocations, logger: logger, caller: caller,
                context: request.context))
        return Response(
            status: .ok,
            headers: [
                .contentType: form.contentType, .vary: "Accept",
                .contentDisposition: "attachment; filename=\"\(form.fileName(number: head.number))\"",
            ], body: ResponseBody(asyncSequence: stream))
    }
}
