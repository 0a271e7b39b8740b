import Testing

@testable import AuthService

struct FairLineTests {
    private func line(_ limit: Int, _ elements: [(Int, String)]) -> FairLine<String, Int> {
        var line = FairLine<String, Int>(limit: limit)
        for (element, key) in elements { _ = line.add(element, of: key) }
        return line
    }

    private func rest(_ line: FairLine<String, Int>) -> [Int] {
        var line = line
        var all: [Int] = []
        while let next = line.next() { all.append(next) }
        return all
    }

    @Test("Keys take turns, and each is served in its order")
    func turns() {
        let line = line(10, [(1, "a"), (2, "a"), (3, "a"), (4, "b"), (5, "c"), (6, "b")])
        #expect(rest(line) == [1, 4, 5, 2, 6, 3])
    }

    @Test("Of one key only so many wait")
    func keyLimit() {
        var line = line(10, [(1, "a"), (2, "a")])
        guard case .tooManyOfKey = line.add(3, of: "a", atMost: 2),
            case .taken = line.add(4, of: "b", atMost: 2)
        else {
            Issue.record("it is not bounded")
            return
        }
        #expect(line.count == 3 && rest(line) == [1, 4, 2])
    }

    @Test("In a full line the newest of the longest makes room for a shorter one, and for none as long")
    func displacement() {
        var line = line(4, [(1, "a"), (2, "a"), (3, "a"), (4, "b")])
        guard case .takenFor(3) = line.add(5, of: "c") else {
            Issue.record("nobody made room")
            return
        }
        // Now two, one and one wait: nobody would gain by it.
        guard case .full = line.add(6, of: "c") else {
            Issue.record("somebody made room")
            return
        }
        #expect(line.count == 4 && rest(line) == [1, 4, 5, 2])
    }

    @Test("An empty line gives nothing, and takes again")
    func empty() {
        var line = line(1, [])
        #expect(line.next() == nil && line.count == 0)
        _ = line.add(1, of: "a")
        #expect(line.next() == 1 && line.next() == nil)
        _ = line.add(2, of: "a")
        #expect(rest(line) == [2])
    }
}
