package import Primitives

/// How large a page of a list may be, whatever its `limit` says: a message has a largest size, and one that is over it
/// is not carried at all.
package enum PageBudget {
    /// Of all items together, as JSON.
    package static let bytes = 1 << 20

    /// How many of `items`, from the front, fit into a page: at least one, so that a list can always go on.
    ///
    /// - Parameter bound: what an item has at most in bytes, told quickly: only where that is too much are items
    ///   encoded to be measured.
    package static func fitting<Item: JSONWritable>(
        _ items: some Collection<Item>, bound: (Item) -> Int
    ) -> Int {
        guard items.reduce(0, { $0 + bound($1) }) > bytes else { return items.count }
        var (count, size) = (0, 0)
        for item in items {
            size += JSONWriter.encode(item).count + 1
            guard count == 0 || size <= bytes else { break }
            count += 1
        }
        return count
    }
}

extension Answer {
    /// A page of at most `limit` items, each encoded once; fewer when they would be too large together.
    ///
    /// - Parameters:
    ///   - found: in the list's order, one more than `limit` when there is a next page.
    ///   - item: what clients see of one.
    ///   - position: where the next page begins after one.
    package static func page<Found, Item: JSONCodable & Sendable>(
        of found: [Found], limit: Int, item: (Found) -> Item, position: (Found) -> some CursorPosition
    ) -> Answer where Reply == Page<Item> {
        var (writer, count, last) = (JSONWriter(reserving: 4096), 0, Found?.none)
        writer.object { writer in
            writer.name("items")
            writer.beginArray()
            for each in found.prefix(limit) {
                let encoded = JSONWriter.encode(item(each))
                guard count == 0 || writer.bytes.count + encoded.count <= PageBudget.bytes else { break }
                writer.raw(encoded)
                (count, last) = (count + 1, each)
            }
            writer.endArray()
            writer.field("nextCursor", found.count > count ? last.map { Cursor.encode(position($0)) } : nil)
        }
        return Answer(encoded: writer.bytes)
    }

    /// The same where items are their own places' keys.
    package static func page<Item: JSONCodable & Sendable>(
        of found: [Item], limit: Int, position: (Item) -> some CursorPosition
    ) -> Answer where Reply == Page<Item> {
        page(of: found, limit: limit, item: { $0 }, position: position)
    }
}
