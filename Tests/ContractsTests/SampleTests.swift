import Contracts
import Messaging
import Primitives
import Testing

/// The checked-in documents of every message: a process must read what its neighbour of another version sends.
struct SampleTests {
    private static let declarations = Services.all
    private static let requests = declarations.flatMap { $0.requests.map { $0.subject } }
    private static let events = declarations.flatMap { $0.events.map { $0.subject } }

    private static func request(_ subject: String) -> (any ServiceRequest.Type)? {
        declarations.flatMap(\.requests).first { $0.subject == subject }
    }

    private static func event(_ subject: String) -> (any ServiceEvent.Type)? {
        declarations.flatMap(\.events).first { $0.subject == subject }
    }

    @Test("A request's sample is read, and written as it was", arguments: requests)
    func request(subject: String) throws {
        let sample = try Sample(subject)
        let type = try #require(Self.request(subject))
        try sample.write(parameters: try rewritten(sample["parameters"], type), reply: try rewrittenReply(sample, type))
        #expect(try rewritten(sample["parameters"], type) == sample["parameters"])
        #expect(try rewrittenReply(sample, type) == sample["reply"])
    }

    @Test("An event's sample is read, and written as it was", arguments: events)
    func event(subject: String) throws {
        let sample = try Sample(subject)
        let type = try #require(Self.event(subject))
        try sample.write(event: try rewritten(sample["event"], type))
        #expect(try rewritten(sample["event"], type) == sample["event"])
    }

    @Test("A member that this version does not know is passed over, at every level", arguments: requests + events)
    func unknownMembers(subject: String) throws {
        let sample = try Sample(subject)
        if let type = Self.request(subject) {
            #expect(try rewritten(sample["parameters"].withExtras, type) == sample["parameters"])
            #expect(try reply(sample["reply"].withExtras, type) == sample["reply"])
        } else if let type = Self.event(subject) {
            #expect(try rewritten(sample["event"].withExtras, type) == sample["event"])
        }
    }

    @Test("There is a sample for each message and none for what is not declared any more")
    func complete() throws {
        #expect(try Sample.names() == (Self.requests + Self.events).sorted())
        #expect(Set(Self.requests).count == Self.requests.count)
    }

    @Test("Subjects are `<service>.<operation>` and `<service>.event.<fact>`")
    func subjects() {
        for declaration in Self.declarations {
            for request in declaration.requests {
                let words = request.subject.split(separator: ".")
                #expect(words.count == 2 && words.first == declaration.name[...], "\(request.subject)")
                #expect(words.last != "event")
            }
            for event in declaration.events {
                let words = event.subject.split(separator: ".")
                #expect(words.count == 3 && words.first == declaration.name[...] && words[1] == "event")
            }
        }
    }

    private func rewritten<Value: JSONCodable>(_ json: JSON, _ type: Value.Type) throws -> JSON {
        try JSONParser.parse(JSONWriter.encode(try Value(json: json))).value
    }

    private func rewrittenReply(_ sample: Sample, _ type: any ServiceRequest.Type) throws -> JSON {
        try reply(sample["reply"], type)
    }

    private func reply(_ json: JSON, _ type: any ServiceRequest.Type) throws -> JSON {
        func open<Request: ServiceRequest>(_ type: Request.Type) throws -> JSON {
            try rewritten(json, Request.Reply.self)
        }
        return try open(type)
    }
}

extension JSON {
    /// The same with one more member in each object, save where members are data of a client.
    var withExtras: JSON {
        switch self {
        case .array(let elements): .array(elements.map(\.withExtras))
        case .object(let members):
            .object(
                members.map { member in
                    let isData = ["specifications", "metadata", "changes", "query", "keys"].contains(member.name)
                    return isData ? member : JSONMember(member.name, member.value.withExtras)
                } + [JSONMember("addedLater", .object([JSONMember("a", .integer(1))]))])
        default: self
        }
    }
}
