import Contracts
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Messaging
import NIOCore
import Primitives
import SocketServer
import Synchronization
import TestKit
import Testing

@testable import GatewayService

/// The route for transcripts, in a gateway whose chat is scripted: a hundred messages a page.
@Suite(.bounded)
struct TranscriptRouteTests {
    /// A room of `count` messages, and how its owner asks for the transcript.
    private struct Scene: Sendable {
        let gateway: TestGateway
        let client: any TestClientProtocol
        let owner: Caller
        let room: Identifier

        func get(
            _ fields: HTTPFields = [:], method: HTTPRequest.Method = .get, query: String = ""
        ) async throws -> TestResponse {
            var headers = fields
            headers[.authorization] = "Bearer \(try await gateway.token(for: owner))"
            return try await client.execute(
                uri: "/api/v1/chat/rooms/\(room)/transcript\(query)", method: method, headers: headers)
        }

        /// What chat was asked for transcripts.
        var asked: Int { gateway.chat.asked.filter { $0.hasPrefix("chat.transcript ") }.count }

        /// Lets `decide` say before each page, which is numbered from 1, what becomes of it.
        func script(_ decide: @escaping @Sendable (Int) throws(ServiceError) -> Void) {
            let count = Counter()
            gateway.chat.state.withLock {
                $0.onTranscript = { (_) throws(ServiceError) in try decide(count.next()) }
            }
        }
    }

    private final class Counter: Sendable {
        private let value = Atomic<Int>(0)
        func next() -> Int { value.wrappingAdd(1, ordering: .relaxed).newValue }
    }

    private func with(messages count: Int, _ body: @Sendable (Scene) async throws -> Void) async throws {
        try await TestGateway.withClient { gateway, client in
            let owner = Caller.regular()
            let room = gateway.chat.room(of: owner)
            for index in 0..<count {
                try gateway.chat.store("Message \(index + 1)", in: room, by: owner, isTold: false)
            }
            try await body(Scene(gateway: gateway, client: client, owner: owner, room: room))
        }
    }

    private func contents(_ response: TestResponse) throws -> [String] {
        try JSONParser.parse(Array(response.body.readableBytesView)).value.get("messages", as: [Message].self)
            .map(\.content)
    }

    private let json: HTTPFields = [.accept: "application/json"]

    @Test("All pages come in one answer, each asked for once", arguments: [0, 1, 99, 100, 101, 350])
    func pages(count: Int) async throws {
        try await with(messages: count) { scene async throws in
            let response = try await scene.get(json)
            #expect(try contents(response) == (0..<count).map { "Message \($0 + 1)" })
            #expect(scene.asked == max(1, (count + 99) / 100))
        }
    }

    @Test("The answer says what it is, what it is to be saved as, and that it depends on Accept")
    func fields() async throws {
        try await with(messages: 1) { scene async throws in
            for (accept, type, ending) in [
                (nil, "text/plain; charset=utf-8", "txt"), ("application/json", "application/json", "json"),
                ("text/csv", "text/csv; charset=utf-8", "csv"),
            ] as [(String?, String, String)] {
                for method in [HTTPRequest.Method.get, .head] {
                    let response = try await scene.get(accept.map { [.accept: $0] } ?? [:], method: method)
                    #expect(response.status == .ok)
                    #expect(response.headers[.contentType] == type)
                    #expect(
                        response.headers[.contentDisposition]
                            == "attachment; filename=\"order-1042-transcript.\(ending)\"")
                    #expect(response.headers[.vary] == "Accept")
                    #expect(response.headers[.cacheControl] == "no-store")
                    #expect((response.body.readableBytes == 0) == (method == .head))
                }
            }
            let elsewhere = try await scene.get([.origin: "https://elsewhere.example"])
            #expect(elsewhere.headers[.vary] == "Accept, Origin")
        }
    }

    @Test("HEAD asks for one page, whatever there is")
    func head() async throws {
        try await with(messages: 350) { scene async throws in
            #expect(try await scene.get(method: .head).status == .ok)
            #expect(scene.asked == 1)
        }
    }

    @Test("What cannot be answered is refused before chat is asked")
    func refusals() async throws {
        try await with(messages: 1) { scene async throws in
            for (query, accept, status) in [
                ("", "text/html", HTTPResponse.Status.notAcceptable), ("?bom=yes", "text/csv", .badRequest),
                ("?bom=", "text/csv", .badRequest), ("?bom=TRUE", "text/html", .badRequest),
            ] {
                #expect(try await scene.get([.accept: accept], query: query).status == status)
            }
            #expect(scene.asked == 0)
            #expect(try await scene.get(query: "?bom=false&colour=red").status == .ok)
            let marked = try await scene.get([.accept: "text/csv"], query: "?bom=true")
            #expect(marked.body.readableBytesView.starts(with: [0xEF, 0xBB, 0xBF]))
        }
    }

    @Test("What chat refuses at the first page is told as a problem")
    func firstPage() async throws {
        try await with(messages: 1) { scene async throws in
            for (error, status) in [
                (ServiceError.forbidden, HTTPResponse.Status.forbidden), (.notFound("room"), .notFound),
                (.unavailable, .serviceUnavailable), (.internal, .internalServerError),
            ] {
                scene.script { (_) throws(ServiceError) in throw error }
                let response = try await scene.get()
                #expect(response.status == status)
                #expect(response.headers[.contentType] == "application/problem+json")
            }
        }
    }

    @Test("A later page that cannot be had for the moment is asked for again")
    func again() async throws {
        try await with(messages: 250) { scene async throws in
            scene.script { (number) throws(ServiceError) in
                if number == 2 { throw .unavailable }
                if number == 3 { throw ServiceError(.upstreamTimeout, "") }
            }
            #expect(try contents(try await scene.get(json)).count == 250)
            #expect(scene.asked == 5)
        }
    }

    @Test("A later page that cannot be had at all ends the answer in its middle")
    func given() async throws {
        try await with(messages: 250) { scene async throws in
            scene.script { (number) throws(ServiceError) in if number > 1 { throw .unavailable } }
            await #expect(throws: (any Error).self) { try await scene.get() }
            #expect(scene.asked == 7)
            scene.script { (number) throws(ServiceError) in if number > 1 { throw .forbidden } }
            await #expect(throws: (any Error).self) { try await scene.get() }
            #expect(scene.asked == 9)
        }
    }

    @Test("A session that ends while the transcript is read ends it, and so does another role")
    func revoked() async throws {
        try await with(messages: 250) { scene async throws in
            let (owner, revocations) = (scene.owner, scene.gateway.revocations)
            scene.script { (number) throws(ServiceError) in
                if number == 2 { revocations.end(session: owner.sessionID) }
            }
            await #expect(throws: (any Error).self) { try await scene.get() }
            #expect(scene.asked == 2)
        }
        try await with(messages: 250) { scene async throws in
            let (owner, revocations) = (scene.owner, scene.gateway.revocations)
            scene.script { (number) throws(ServiceError) in
                if number == 2 {
                    revocations.note(
                        Auth.UserChanged(
                            userID: owner.userID, name: owner.name, role: .admin, disabled: false, version: 2,
                            at: .now()))
                }
            }
            await #expect(throws: (any Error).self) { try await scene.get() }
            #expect(scene.asked == 2)
        }
    }

    @Test("Messages that the database lost on the way end it")
    func lost() async throws {
        try await with(messages: 250) { scene async throws in
            let (chat, room) = (scene.gateway.chat, scene.room)
            scene.script { (number) throws(ServiceError) in if number == 3 { chat.lose(60, in: room) } }
            await #expect(throws: (any Error).self) { try await scene.get() }
            #expect(scene.asked == 3)
        }
    }

    @Test("What is said while it is read is not in it")
    func snapshot() async throws {
        try await with(messages: 150) { scene async throws in
            let (chat, room, owner) = (scene.gateway.chat, scene.room, scene.owner)
            scene.script { (_) throws(ServiceError) in
                _ = try? chat.store("Late", in: room, by: owner, isTold: false)
            }
            // The one that was said before the first page is.
            let contents = try contents(try await scene.get(json))
            #expect(contents.count == 151 && contents.last == "Late" && contents[149] == "Message 150")
        }
    }

    @Test("A page is asked for when the one before has been taken, and not before")
    func demand() async throws {
        try await with(messages: 250) { scene async throws in
            let bus = MessageBus(transport: scene.gateway.transport)
            let context = CallContext(caller: scene.owner, requestID: "test")
            let first = try await bus.call(Chat.Transcript(orderID: scene.room), context: context)
            let stream = TranscriptStream(
                try #require(first.head), first.messages, renderer: JSONTranscript(),
                pages: TranscriptPages(
                    bus: bus, slots: WorkSlots(1), revocations: scene.gateway.revocations, logger: .silent,
                    caller: scene.owner, context: context))
            var pieces = stream.makeAsyncIterator()
            for taken in 1...3 {
                #expect(try await pieces.next() != nil)
                #expect(scene.asked == taken)
            }
            #expect(try await pieces.next() == nil)
            #expect(scene.asked == 3)
        }
    }
}
