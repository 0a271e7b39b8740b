/// Every item of a list, fetched page by page while it is read.
public struct Listing<Element: Decodable & Sendable>: AsyncSequence, Sendable {
    let client: Client
    let path: String
    let filters: [String: String?]

    public func makeAsyncIterator() -> Iterator { Iterator(listing: self) }

    public struct Iterator: AsyncIteratorProtocol {
        private struct Page: Decodable, Sendable {
            var items: [Element]
            var nextCursor: String?
        }

        let listing: Listing
        private var items: ArraySlice<Element> = []
        private var cursor: String?
        private var isLast = false

        init(listing: Listing) { self.listing = listing }

        public mutating func next() async throws -> Element? {
            while items.isEmpty {
                if isLast { return nil }
                var query = listing.filters
                query["limit"] = "100"
                query["cursor"] = cursor
                let page: Page = try await listing.client.call("GET", listing.path, query: query)
                items = page.items[...]
                cursor = page.nextCursor
                isLast = cursor == nil
            }
            return items.popFirst()
        }
    }
}
