import Primitives
import Testing

@testable import Messaging

struct PageBudgetTests {
    private struct Item: JSONCodable, Sendable, Equatable {
        var id: Identifier
        var text: String

        init(size: Int) { (id, text) = (.make(), String(repeating: "x", count: size)) }

        init(json: JSON) throws(JSONMismatch) {
            id = try json.get("id")
            text = try json.get("text")
        }

        func write(to writer: inout JSONWriter) {
            writer.object {
                $0.field("id", id)
                $0.field("text", text)
            }
        }
    }

    private func page(_ items: [Item], limit: Int) throws -> (page: Page<Item>, size: Int) {
        let answer = Answer<Page<Item>>.page(of: items, limit: limit, position: \.id)
        return (try Page<Item>(jsonBytes: answer.body), answer.body.count)
    }

    @Test("A page of small items is what it always was")
    func small() throws {
        let items = (0..<5).map { _ in Item(size: 10) }
        #expect(try page(items, limit: 5).page.items == items)
        #expect(try page(items, limit: 5).page.nextCursor == nil)
        let cut = try page(items, limit: 4).page
        #expect(cut.items == Array(items[..<4]) && cut.nextCursor == Cursor.encode(items[3].id))
        #expect(try page([], limit: 4).page.items.isEmpty)
    }

    @Test("Large items make fewer of them a page, and the cursor leads through all", arguments: [300_000, 70_000, 1])
    func large(size: Int) throws {
        let items = (0..<40).map { _ in Item(size: size) }
        var (seen, rest) = ([Item](), items[...])
        while true {
            let (page, bytes) = try page(Array(rest.prefix(21)), limit: 20)
            #expect(bytes <= PageBudget.bytes + 100 && !page.items.isEmpty)
            seen += page.items
            guard let cursor = page.nextCursor else { break }
            let last = try #require(Cursor.decode(cursor, as: Identifier.self))
            let next = try #require(items.firstIndex { $0.id == last }) + 1
            try #require(next > rest.startIndex, "the cursor leads back")
            rest = items[next...]
        }
        #expect(seen == items)
    }

    @Test("One item that is too large by itself is a page by itself")
    func tooLarge() throws {
        let items = [Item(size: 2 << 20), Item(size: 1)]
        let first = try page(items, limit: 20).page
        #expect(first.items == [items[0]] && first.nextCursor != nil)
        #expect(PageBudget.fitting(items) { $0.text.utf8.count } == 1)
    }

    @Test("As many fit as are small enough together; the bound alone cuts nothing")
    func fitting() {
        let items = (0..<10).map { _ in Item(size: 200_000) }
        #expect(PageBudget.fitting(items) { $0.text.utf8.count } == 5)
        #expect(PageBudget.fitting(items.prefix(3)) { $0.text.utf8.count * 6 } == 3)
    }
}
