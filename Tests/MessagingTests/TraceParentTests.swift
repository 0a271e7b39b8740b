import Messaging
import Testing

/// Which `traceparent` is passed on: https://www.w3.org/TR/trace-context/#traceparent-header.
struct TraceParentTests {
    private static let trace = "0af7651916cd43dd8448eb211c80319c"
    private static let parent = "b7ad6b7169203331"

    @Test("What is of the grammar is passed on as it came", arguments: ["00", "01", "ff"])
    func taken(flags: String) {
        let text = "00-\(Self.trace)-\(Self.parent)-\(flags)"
        #expect(TraceParent.accepted([text]) == text)
    }

    @Test(
        "A later version is written down to the one that is known",
        arguments: [("01", "01", "01"), ("cc", "03", "01"), ("fe", "02", "00"), ("42", "ff-what-comes-then", "01")])
    func later(version: String, rest: String, flags: String) {
        let text = "\(version)-\(Self.trace)-\(Self.parent)-\(rest)"
        #expect(TraceParent.accepted([text]) == "00-\(Self.trace)-\(Self.parent)-\(flags)")
    }

    @Test(
        "What is not of the grammar is dropped",
        arguments: [
            "", "00", "00-1-2-01", "00-\(trace)-\(parent)", "00-\(trace)-\(parent)-1", "00-\(trace)-\(parent)-0g",
            "ff-\(trace)-\(parent)-01", "00-\(trace)-\(parent)-01-more", "00-\(trace)-\(parent)-01-",
            "01-\(trace)-\(parent)-01.more", "0-\(trace)-\(parent)-011", "00-\(trace.uppercased())-\(parent)-01",
            "00-\(trace)-\(parent.uppercased())-01", "00-\(String(repeating: "0", count: 32))-\(parent)-01",
            "00-\(trace)-\(String(repeating: "0", count: 16))-01", "00_\(trace)_\(parent)_01",
            " 00-\(trace)-\(parent)-01", "00-\(trace)-\(parent)-01 ", "00-\(trace)-\(parent)-0\u{301}1",
            "0G-\(trace)-\(parent)-01", "00-\(trace)\(parent)-01",
        ])
    func dropped(text: String) { #expect(TraceParent.accepted([text]) == nil) }

    @Test("One that stands twice is dropped, and none is none")
    func count() {
        let text = "00-\(Self.trace)-\(Self.parent)-01"
        #expect(TraceParent.accepted([text, text]) == nil)
        #expect(TraceParent.accepted([]) == nil)
    }
}
