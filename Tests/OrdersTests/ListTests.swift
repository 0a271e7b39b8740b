import Contracts
import Messaging
import Postgres
import Primitives
import TestKit
import Testing

@testable import OrdersService

@Suite(.bounded)
struct ListTests {
    @Test("A Regular user lists their own orders, an Admin every order or those of one owner")
    func owners() async throws {
        try await OrdersFixture.with { orders async throws in
            let (ann, ben) = (Caller.regular("Ann"), Caller.regular("Ben"))
            let own = try await orders.create(by: ann).read()
            let other = try await orders.create(by: ben).read()
            #expect(try await orders.list(by: ann).items == [own])
            #expect(try await orders.list(by: .admin()).items == [other, own])
            #expect(try await orders.list(["ownerId": "\(ann.userID)"], by: .admin()).items == [own])
            let refused = try await refusal { try await orders.list(["ownerId": "\(ann.userID)"], by: ann) }
            #expect(refused.code == .forbidden)
        }
    }

    @Test("Lists and timelines of large orders come in pages below a megabyte, and lead through all")
    func largeOrders() async throws {
        try await OrdersFixture.with { orders async throws in
            let ann = Caller.regular()
            // Each takes some 64 KB as UTF-8, twice that in an entry of the timeline.
            let text = String(repeating: "\u{1D11E}", count: 16_000)
            for _ in 0..<25 { _ = try await orders.create(specifications: text, by: ann) }
            let first = try #require(try await orders.list(by: ann).items.last?.id)
            for number in 0..<12 {
                _ = try await orders.update(first, #"{"specifications":"\#(number)\#(text)"}"#, by: ann)
            }
            func pages(_ load: ([String: String]) async throws -> (count: Int, size: Int, next: String?)) async throws
                -> (items: Int, pages: Int)
            {
                var (query, items, pages) = (["limit": "100"], 0, 0)
                while true {
                    let page = try await load(query)
                    #expect(page.size <= (1 << 20) + 200 && page.count > 0)
                    (items, pages) = (items + page.count, pages + 1)
                    guard let next = page.next else { return (items, pages) }
                    query["cursor"] = next
                }
            }
            let listed = try await pages { query in
                let page = try await orders.list(query, by: ann)
                return (page.items.count, JSONWriter.encode(page).count, page.nextCursor)
            }
            #expect(listed.items == 25 && listed.pages == 2)
            let history = try await pages { query in
                let page = try await orders.history(first, query, by: ann)
                return (page.items.count, JSONWriter.encode(page).count, page.nextCursor)
            }
            #expect(history.items == 13 && history.pages == 2)
        }
    }

    @Test("What an event carries of a large order is its outline; of others it is all")
    func outlines() async throws {
        try await OrdersFixture.with { orders async throws in
            let ann = Caller.regular()
            let large = try await orders.create(specifications: String(repeating: "x", count: 16_000), by: ann).read()
            let small = try await orders.create(by: ann).read()
            _ = try await orders.update(large.id, #"{"quantity":7}"#, by: ann)
            _ = try await orders.update(small.id, #"{"quantity":7}"#, by: ann)
            let payloads = try await orders.database.withConnection { session in
                try session.execute("select payload from outbox order by position").map { row in
                    try row[0, as: [UInt8].self]
                }
            }
            #expect(payloads.allSatisfy { $0.count <= Order.eventLimit + 100 })
            let created = try payloads[..<2].map { try Orders.Created(jsonBytes: $0) }
            let updated = try payloads[2...].map { try Orders.Updated(jsonBytes: $0) }
            #expect(created.map(\.isOutline) == [true, false] && updated.map(\.isOutline) == [true, false])
            #expect(created[0].order.id == large.id && created[0].order.owner == large.owner)
            #expect(created[1].order == small)
            let fetched = try await FetchOrder(store: orders.store).handle(
                Orders.Fetch(orderID: large.id), CallContext.background()
            ).read()
            #expect(fetched.specifications == large.specifications && fetched.quantity == 7)
        }
    }

    @Test("Pages join into the whole list, newest first, whatever is placed meanwhile")
    func pages() async throws {
        try await OrdersFixture.with { orders async throws in
            let ann = Caller.regular()
            var placed: [Identifier] = []
            for _ in 0..<7 { placed.append(try await orders.create(by: ann).read().id) }
            var seen: [Identifier] = []
            var query = ["limit": "3"]
            while true {
                let page = try await orders.list(query, by: ann)
                seen += page.items.map(\.id)
                guard let next = page.nextCursor else { break }
                _ = try await orders.create(by: ann)
                query["cursor"] = next
            }
            // Identifiers of one millisecond have no order among each other.
            #expect(seen == placed.sorted(by: >))
        }
    }

    @Test(
        "A bad query is refused with what is wrong",
        arguments: [
            ("limit", "0", ErrorCode.validationFailed), ("limit", "101", .validationFailed),
            ("limit", "ten", .validationFailed), ("status", "Done", .validationFailed),
            ("from", "yesterday", .validationFailed), ("ownerId", "7", .validationFailed),
            ("from", "2026-01-01T24:00:00Z", .validationFailed), ("to", "2026-02-30T00:00:00.0001Z", .validationFailed),
            ("cursor", "%%%", .invalidCursor), ("cursor", "QQ", .invalidCursor), ("cursor", "", .invalidCursor),
        ])
    func badQuery(name: String, value: String, code: ErrorCode) async throws {
        try await OrdersFixture.with { orders async throws in
            #expect(try await refusal { try await orders.list([name: value], by: .admin()) }.code == code)
        }
    }

    @Test("Search finds a literal part in any case, in every script, and no wildcard works")
    func search() async throws {
        try await OrdersFixture.with { orders async throws in
            let ann = Caller.regular()
            let texts = [
                "100% wool", "100 percent", "snake_case", "snakeXcase", #"back\slash"#, "ÉCOLE d'été", "Straße",
                "ПРИВЕТ",
                "İstanbul", "ΟΔΟΣΑΘΗΝΑΣ", "5 \u{B5}\u{17F}", "ꮳꮃꭹ", "日本語の椅子", "quote ' and \"", "tab\there",
            ]
            for text in texts { _ = try await orders.create(text, by: ann) }
            let table: [(q: String, found: [String])] = [
                ("100%", ["100% wool"]), ("%", ["100% wool"]), ("_", ["snake_case"]), ("E_C", ["snake_case"]),
                (#"K\S"#, [#"back\slash"#]), (#"\"#, [#"back\slash"#]), ("école D'ÉTÉ", ["ÉCOLE d'été"]),
                ("STRAß", ["Straße"]), ("STRAẞE", ["Straße"]), ("strasse", []), ("istanbul", []),
                ("İSTAN", ["İstanbul"]),
                ("E\u{301}cole", ["ÉCOLE d'été"]), ("ÉTE\u{301}", ["ÉCOLE d'été"]), ("ΟΔΟΣ", ["ΟΔΟΣΑΘΗΝΑΣ"]),
                ("οδος", ["ΟΔΟΣΑΘΗΝΑΣ"]), ("αθηνας", ["ΟΔΟΣΑΘΗΝΑΣ"]), ("αθηνασ", ["ΟΔΟΣΑΘΗΝΑΣ"]),
                ("\u{B5}S", ["5 µſ"]), ("\u{39C}S", ["5 µſ"]), ("ΜΣ", []), ("ᏣᎳᎩ", ["ꮳꮃꭹ"]), ("привет", ["ПРИВЕТ"]),
                ("本語", ["日本語の椅子"]), ("椅", ["日本語の椅子"]),
                ("' AND", ["quote ' and \""]), ("tab\tH", ["tab\there"]), ("SNAKE", ["snake_case", "snakeXcase"]),
                ("nothing like it", []), ("of oak", texts),
            ]
            for row in table {
                let found = try await orders.list(["q": row.q, "limit": "100"], by: ann).items.map(\.description)
                #expect(Set(found) == Set(row.found), "searching \(row.q)")
            }
            #expect(try await orders.list(["q": "1003"], by: ann).items.map(\.number) == [1003])
            #expect(try await orders.list(["q": "", "limit": "100"], by: ann).items.count == texts.count)
        }
    }

    @Test("What a change writes is found, and what it has replaced is not")
    func searchAfterChange() async throws {
        try await OrdersFixture.with { orders async throws in
            let ann = Caller.regular()
            let order = try await orders.create("ΠΡΩΤΟΣ", by: ann).read()
            _ = try await orders.update(
                order.id, #"{"description":"ΔΕΥΤΕΡΟΣ","specifications":{"α":"ΤΡΙΤΟΣ"}}"#, by: ann)
            for (q, count) in [("πρωτος", 0), ("δευτεροσ", 1), ("τριτος", 1), ("oak", 0)] {
                #expect(try await orders.list(["q": q], by: ann).items.count == count, "\(q)")
            }
        }
    }

    @Test("An order of a replica of the version before is found like any other")
    func searchOfOldReplica() async throws {
        try await OrdersFixture.with { orders async throws in
            let ann = Caller.regular()
            let order = try await orders.create("chair", by: ann).read()
            let copy = Identifier.make()
            // The statement of that version: it knew of no column that it had to fill.
            try await orders.database.withConnection { session in
                _ = try session.execute(
                    """
                    insert into orders (id, number, owner_id, description, specifications, quantity, metadata, status,
                        version, created_at, updated_at)
                    select \(copy), 7777, owner_id, 'ΟΔΟΣ', '"ΣΑΣ"', 1, null, status, 1, created_at, updated_at
                    from orders where id = \(order.id)
                    """)
            }
            for q in ["οδοσ", "οδος", "σας", "7777"] {
                #expect(try await orders.list(["q": q], by: ann).items.map(\.id) == [copy], "\(q)")
            }
        }
    }

    @Test("A search does not match across two fields")
    func searchAcross() async throws {
        try await OrdersFixture.with { orders async throws in
            let ann = Caller.regular()
            _ = try await orders.create("chair", by: ann)
            #expect(try await orders.list(["q": "chair\"of oak"], by: ann).items.isEmpty)
            #expect(try await orders.list(["q": "1000chair"], by: ann).items.isEmpty)
        }
    }

    @Test("`from` is inclusive, `to` exclusive, and the filters hold together")
    func times() async throws {
        try await OrdersFixture.with { orders async throws in
            let (ann, admin) = (Caller.regular(), Caller.admin())
            let order = try await orders.create(by: ann).read()
            let at = order.createdAt
            let after = Timestamp(milliseconds: at.milliseconds + 1)
            #expect(try await orders.list(["from": "\(at)"], by: ann).items == [order])
            #expect(try await orders.list(["from": "\(after)"], by: ann).items.isEmpty)
            #expect(try await orders.list(["to": "\(at)"], by: ann).items.isEmpty)
            #expect(try await orders.list(["to": "\(after)"], by: ann).items == [order])
            let within = "\(at)".replacing("Z", with: "0001Z")
            #expect(try await orders.list(["from": within], by: ann).items.isEmpty)
            #expect(try await orders.list(["to": within], by: ann).items == [order])
            for (from, to) in [
                ("0000-01-01T00:00:00Z", "9999-12-31T23:59:59.9999Z"),
                ("0001-01-01T00:00:00+23:59", "9999-12-31T23:59:60-23:59"),
            ] {
                #expect(try await orders.list(["from": from, "to": to], by: ann).items == [order])
                #expect(try await orders.list(["from": to, "to": from], by: ann).items.isEmpty)
            }
            #expect(
                try await orders.list(["status": "Review", "from": "\(at)", "q": "CHAIR"], by: ann).items == [order])
            #expect(try await orders.list(["status": "Completed"], by: ann).items.isEmpty)
            try await orders.roomClosed(order.id, by: admin)
            #expect(try await orders.list(["status": "Processing"], by: ann).items.map(\.id) == [order.id])
        }
    }

    @Test(
        "A cursor that the history has not given is invalid",
        arguments: ["0", "-5", "+5", "05", "9223372036854775808", ""])
    func historyCursor(position: String) async throws {
        try await OrdersFixture.with { orders async throws in
            let ann = Caller.regular()
            let order = try await orders.create(by: ann).read()
            let cursor = Base64URL.encode(Array(position.utf8))
            let error = try await refusal { try await orders.history(order.id, ["cursor": cursor], by: ann) }
            #expect(error.code == .invalidCursor)
        }
    }

    @Test("Admins see how many orders there are in each status")
    func stats() async throws {
        try await OrdersFixture.with { orders async throws in
            let (ann, admin) = (Caller.regular(), Caller.admin())
            for _ in 0..<3 { _ = try await orders.create(by: ann) }
            try await orders.roomClosed(try await orders.create(by: ann).read().id, by: admin)
            let count = CountOrders(store: orders.store)
            #expect(
                try await count.handle(Orders.Stats(), context(admin)).read()
                    == OrderStats(review: 3, processing: 1, completed: 0))
            #expect(try await refusal { try await count.handle(Orders.Stats(), context(ann)) }.code == .forbidden)
        }
    }

    @Test("An order is shown under the name that auth has told last, however events come")
    func names() async throws {
        try await OrdersFixture.with { orders async throws in
            let ann = Caller.regular("Ann")
            let order = try await orders.create(by: ann).read()
            func tell(_ name: String, _ version: Int) async throws {
                let event = Auth.UserChanged(
                    userID: ann.userID, name: name, role: .regular, disabled: false, version: version, at: .now())
                try await orders.store.inTransaction { try ApplyUsersChanged.apply([event], $0) }
            }
            try await tell("Anna", 3)
            try await tell("Annie", 2)
            #expect(try await orders.order(order.id, by: ann).owner.name == "Anna")
            // A token with the old name does not take it back.
            #expect(try await orders.create(by: ann).read().owner.name == "Anna")
        }
    }
}
