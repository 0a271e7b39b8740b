import Contracts
import Messaging
import Primitives
import TestKit
import Testing

@testable import OrdersService

struct DomainTests {
    private static func draft(_ changes: [String: String?]) -> [UInt8] {
        var fields: [String: String?] = ["description": #""d""#, "specifications": #""s""#, "quantity": "1"]
        for (name, value) in changes { fields[name] = value }
        let members = fields.compactMap { name, value in value.map { "\"\(name)\":\($0)" } }
        return Array("{\(members.joined(separator: ","))}".utf8)
    }

    private static func quoted(_ count: Int, _ character: Character = "x") -> String {
        "\"" + String(repeating: character, count: count) + "\""
    }

    /// An object whose encoding has `bytes` bytes.
    private static func object(_ bytes: Int) -> String {
        #"{"a":"\#(String(repeating: "x", count: bytes - 8))"}"#
    }

    @Test(
        "What is within the bounds of an order is taken",
        arguments: [
            ("description", quoted(1)), ("description", quoted(2000)), ("description", quoted(2000, "é")),
            ("specifications", quoted(1)), ("specifications", quoted(16_384)), ("specifications", "{}"),
            ("specifications", object(16_384)), ("quantity", "1"), ("quantity", "1000000"), ("quantity", "2.0"),
            ("quantity", "10e-1"), ("quantity", "1e6"),
            ("metadata", "null"), ("metadata", "{}"), ("metadata", object(8192)),
            ("metadata", #"{"a":{"b":[1,null]}}"#),
        ])
    func draftTaken(field: String, value: String) throws {
        _ = try OrderDraft(body: Self.draft([field: value]))
    }

    @Test(
        "What is outside the bounds of an order is refused, with the field and what is wrong",
        arguments: [
            ("description", nil, "required"), ("description", "null", "null"), ("description", "\"\"", "length"),
            ("description", quoted(2001), "length"), ("description", #"" \t\u00a0""#, "blank"),
            ("description", "7", "type"), ("description", #""a\u0000""#, "characters"),
            ("description", #""\ud800""#, "characters"), ("specifications", nil, "required"),
            ("specifications", "null", "null"), ("specifications", "\"\"", "length"),
            ("specifications", quoted(16_385), "length"), ("specifications", "[1]", "type"),
            ("specifications", "5", "type"), ("specifications", object(16_385), "size"),
            ("quantity", nil, "required"), ("quantity", "null", "null"), ("quantity", "0", "range"),
            ("quantity", "-1", "range"), ("quantity", "1000001", "range"), ("quantity", "1.5", "type"),
            ("quantity", "\"1\"", "type"), ("quantity", "1e400", "type"),
            ("quantity", "0.99999999999999999999", "type"), ("quantity", "1.0000000000000000000000001", "type"),
            ("quantity", "1e999999999", "type"), ("quantity", "1e-999999999", "type"), ("quantity", "-0", "range"),
            ("quantity", "10000001e-1", "type"), ("description", #""\u200b\u2060""#, "blank"),
            ("metadata", "[]", "type"),
            ("metadata", "\"a\"", "type"), ("metadata", object(8193), "size"), ("owner", "1", "unknown"),
        ] as [(String, String?, String)])
    func draftRefused(field: String, value: String?, code: String) throws {
        let error = #expect(throws: ServiceError.self) { try OrderDraft(body: Self.draft([field: value])) }
        #expect(error?.code == .validationFailed)
        #expect(error?.faults.map { "\($0.field) \($0.code)" } == ["\(field) \(code)"])
    }

    @Test("Every fault of a draft is named at once")
    func allFaults() {
        let body = Array(#"{"description":" ","quantity":0,"metadata":[],"more":1}"#.utf8)
        let error = #expect(throws: ServiceError.self) { try OrderDraft(body: body) }
        #expect(
            Set(error?.faults.map(\.field) ?? []) == ["description", "specifications", "quantity", "metadata", "more"])
    }

    @Test("The fingerprint is the same for the same content and another for each changed field")
    func fingerprint() throws {
        let first = try OrderDraft(body: Self.draft([:])).fingerprint
        #expect(try OrderDraft(body: Self.draft([:])).fingerprint == first)
        #expect(try OrderDraft(body: Self.draft(["metadata": "null"])).fingerprint == first)
        for (field, value) in [
            ("description", "\"e\""), ("specifications", "{}"), ("quantity", "2"), ("metadata", "{}"),
        ] {
            #expect(try OrderDraft(body: Self.draft([field: value])).fingerprint != first, "\(field)")
        }
    }

    @Test(
        "A patch takes what an order takes; null clears metadata and nothing else",
        arguments: [
            (#"{"description":"e"}"#, nil), (#"{"specifications":{"a":1}}"#, nil), (#"{"quantity":3}"#, nil),
            (#"{"metadata":{"a":1}}"#, nil), (#"{"metadata":null}"#, nil), (#"{}"#, "body required"),
            (#"{"description":null}"#, "description null"), (#"{"specifications":null}"#, "specifications null"),
            (#"{"quantity":null}"#, "quantity null"), (#"{"quantity":0}"#, "quantity range"),
            (#"{"metadata":1}"#, "metadata type"), (#"{"description":"e","status":"Completed"}"#, "status unknown"),
            (#"{"quantity":1,"quantity":2}"#, "quantity duplicate"),
        ] as [(String, String?)])
    func patch(body: String, fault: String?) throws {
        do {
            _ = try OrderPatch(body: Array(body.utf8))
            #expect(fault == nil)
        } catch {
            #expect(error.faults.map { "\($0.field) \($0.code)" } == [fault ?? ""])
        }
    }

    @Test("A patch tells what it changes, from and to, and nothing about what was so already")
    func patchChanges() throws {
        var order = Self.order(.review)
        let patch = try OrderPatch(
            body: Array(#"{"description":"d","quantity":5,"metadata":{"a":1.0},"specifications":"t"}"#.utf8))
        let changes = patch.apply(to: &order)
        #expect(
            changes?.encoded
                == #"{"specifications":{"from":"s","to":"t"},"quantity":{"from":1,"to":5},"metadata":{"from":null,"to":{"a":1.0}}}"#
        )
        #expect(order.quantity == 5)
        #expect(patch.apply(to: &order) == nil)
    }

    @Test("A patch changes what differs from before only in its normalisation, and says so")
    func patchNormalisation() throws {
        var order = Self.order(.review)
        for body in [
            #"{"description":"caf\u00e9","specifications":{"\u00e9":1},"metadata":{"a":"\u00e9"}}"#,
            #"{"description":"cafe\u0301","specifications":{"e\u0301":1},"metadata":{"a":"e\u0301"}}"#,
        ] {
            let patch = try OrderPatch(body: Array(body.utf8))
            guard case .object(let changes)? = patch.apply(to: &order) else {
                Issue.record("nothing changed by \(body)")
                continue
            }
            #expect(changes.map(\.name) == ["description", "specifications", "metadata"])
            #expect(patch.apply(to: &order) == nil)
        }
        #expect(order.description.unicodeScalars.count == 5)
        #expect(order.specifications.encoded.unicodeScalars.elementsEqual("{\"e\u{301}\":1}".unicodeScalars))
    }

    @Test("Content that differs only in its normalisation is another content under an Idempotency-Key")
    func fingerprintNormalisation() throws {
        let one = try OrderDraft(body: Self.draft(["description": #""caf\u00e9""#])).fingerprint
        let other = try OrderDraft(body: Self.draft(["description": #""cafe\u0301""#])).fingerprint
        #expect(one != other)
    }

    @Test("An unknown status is not valid", arguments: [#"{"status":"Done"}"#, #"{"status":null}"#, "{}"])
    func unknownStatus(body: String) {
        let error = #expect(throws: ServiceError.self) { try StatusChange(body: Array(body.utf8)) }
        #expect(error?.code == .validationFailed)
    }

    @Test(
        "If-Match holds for the versions it lists, and weak or foreign tags never match",
        arguments: [
            (nil, true), ("*", true), (" * ", true), ("\"3\"", true), ("\"2\", \"3\"", true), ("\"2\",\t\"3\" ", true),
            ("\"2\"", false), ("W/\"3\"", false), ("3", false), ("\"three\"", false), ("", false), ("\"\"", false),
            ("\"3", false), ("\"+3\"", false), ("\"03\"", false), ("\"3\" \"3\"", false),
        ] as [(String?, Bool)])
    func versionCondition(ifMatch: String?, holds: Bool) {
        let condition = VersionCondition(ifMatch: ifMatch)
        if holds {
            #expect(throws: Never.self) { try condition.require(3) }
        } else {
            #expect(throws: ServiceError.self) { try condition.require(3) }
        }
    }

    @Test("An order is seen by its owner and Admins, changed by its owner only, and only in Review")
    func access() throws {
        let owner = Caller.regular()
        var order = Self.order(.review)
        order.owner = Person(id: owner.userID, name: owner.name)
        try OrderAccess.requireRead(owner, owner: order.owner)
        try OrderAccess.requireRead(.admin(), owner: order.owner)
        #expect(throws: ServiceError.forbidden) { try OrderAccess.requireRead(.regular(), owner: order.owner) }
        try OrderAccess.requireEdit(owner, order)
        #expect(throws: ServiceError.forbidden) { try OrderAccess.requireEdit(.admin(), order) }
        try OrderAccess.requireEditable(order)
        for status in [OrderStatus.processing, .completed] {
            let error = #expect(throws: ServiceError.self) { try OrderAccess.requireEditable(Self.order(status)) }
            #expect(error?.code == .orderNotEditable)
        }
    }

    private static func order(_ status: OrderStatus) -> Order {
        .made(status: status)
    }
}
