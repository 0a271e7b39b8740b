import Glibc
import Synchronization
import TestKit
import Testing

@testable import Logs

@Suite(.bounded)
struct LineWriterTests {
    private func line(_ number: Int) -> String { "line \(number) " + String(repeating: ".", count: 90) + "\n" }

    /// A descriptor on which every write fails.
    private func failing(_ path: String, _ flags: Int32, _ body: (Int32) throws -> Void) throws {
        let descriptor = open(path, flags | O_CLOEXEC)
        try #require(descriptor >= 0)
        defer { close(descriptor) }
        try body(descriptor)
    }

    @Test("Lines come out whole and in order, from whatever thread, through a pipe that takes them in parts")
    func order() async throws {
        let pipe = try Pipe()
        let writer = LineWriter()
        for number in 0..<1000 { writer.write(line(number), to: pipe.writeEnd) }
        let text = try await pipe.read { $0.hasSuffix(line(999)) }
        #expect(text == (0..<1000).map(line).joined())
        #expect(writer.flush(within: .patience.slackened))
        #expect(writer.statistics == LineWriter.Statistics())
    }

    @Test("A pipe that does not wait gets everything as well", arguments: [1, 1000])
    func nonBlocking(count: Int) async throws {
        let pipe = try Pipe()
        pipe.doNotWait()
        let writer = LineWriter()
        for number in 0..<count { writer.write(line(number), to: pipe.writeEnd) }
        let text = try await pipe.read { $0.hasSuffix(line(count - 1)) }
        #expect(text == (0..<count).map(line).joined())
        #expect(writer.statistics == LineWriter.Statistics())
    }

    @Test("A reader that stalls makes nobody wait; what does not fit is dropped, counted, and said afterwards")
    func stalled() async throws {
        let pipe = try Pipe()
        let writer = LineWriter(limit: 10_000)
        let begun = ContinuousClock.now
        for number in 0..<5000 { writer.write(line(number), to: pipe.writeEnd) }
        #expect(!writer.flush(within: .milliseconds(20)))
        #expect(ContinuousClock.now - begun < .seconds(5).slackened)
        let lost = writer.statistics.lost
        #expect(lost > 4000 && lost < 5000)
        #expect(writer.statistics.failures == 0)
        // Said behind what came before, so more than once if the reader took something meanwhile.
        func said(_ lines: [Substring]) -> Int {
            lines.compactMap { $0.contains("lost here") ? Int($0.prefix { $0.isNumber }) : nil }.reduce(0, +)
        }
        let text = try await pipe.read { $0.hasSuffix("\n") && said($0.split(separator: "\n")) == lost }
        let kept = text.split(separator: "\n").filter { !$0.contains("lost here") }
        #expect(kept.count == 5000 - lost)
        let numbers = kept.compactMap { Int($0.dropFirst(5).prefix { $0.isNumber }) }
        #expect(numbers == numbers.sorted() && Set(numbers).count == kept.count)
        #expect(zip(kept, numbers).allSatisfy { $0 + "\n" == line($1) })
        writer.write(line(6000), to: pipe.writeEnd)
        #expect(try await pipe.read { $0.hasSuffix("\n") } == line(6000))
    }

    @Test("A write that fails is counted and ends nothing")
    func fullDisk() throws {
        for (path, flags) in [("/dev/full", O_WRONLY), ("/dev/null", O_RDONLY)] {
            try failing(path, flags) { descriptor in
                let writer = LineWriter()
                writer.write("one\ntwo\n", to: descriptor)
                #expect(writer.flush(within: .patience.slackened))
                writer.write("three\n", to: descriptor)
                #expect(writer.flush(within: .patience.slackened))
                #expect(writer.statistics == LineWriter.Statistics(lost: 3, failures: 2))
            }
        }
    }

    @Test("A pipe without a reader raises no signal and ends nothing; a descriptor that is none neither")
    func closedPipe() throws {
        Descriptor.ignoreBrokenPipes()
        let pipe = try Pipe()
        try pipe.loseReader()
        let writer = LineWriter()
        writer.write("one\n", to: pipe.writeEnd)
        writer.write("two\n", to: -1)
        #expect(writer.flush(within: .patience.slackened))
        #expect(writer.statistics == LineWriter.Statistics(lost: 2, failures: 2))
    }

    @Test("When the disk takes lines again, the number of those lost is said once, in the way asked for")
    func recovery() throws {
        let pipe = try Pipe()
        let writer = LineWriter()
        writer.sayLosses { "lost \($0)\n" }
        try failing("/dev/full", O_WRONLY) { descriptor in
            for _ in 0..<3 {
                writer.write("gone\n", to: descriptor)
                #expect(writer.flush(within: .patience.slackened))
            }
        }
        for text in ["one\n", "two\n"] {
            writer.write(text, to: pipe.writeEnd)
            #expect(writer.flush(within: .patience.slackened))
        }
        #expect(pipe.read() == "one\nlost 3\ntwo\n")
    }

    @Test("A line that a failure tore is ended before the next one")
    func torn() async throws {
        Descriptor.ignoreBrokenPipes()
        let (first, second) = (try Pipe(), try Pipe())
        let writer = LineWriter()
        // The pipe takes a part of this, and loses its reader before it takes the rest.
        writer.write(String(repeating: ".", count: 100_000) + "\nwhole\n", to: first.writeEnd)
        try await eventually("the pipe is full") { first.isFull }
        try first.loseReader()
        #expect(writer.flush(within: .patience.slackened))
        #expect(writer.statistics == LineWriter.Statistics(lost: 2, failures: 1))
        try first.become(second)
        writer.write("next\n", to: first.writeEnd)
        #expect(writer.flush(within: .patience.slackened))
        #expect(second.read() == "\nnext\n2 lines were lost here: they could not be written in time.\n")
    }

    @Test("Lines wait for a thread that cannot be had at once, within the bound")
    func noThread() throws {
        let pipe = try Pipe()
        let refusals = Atomic<Int>(2)
        let writer = LineWriter(limit: 12) { body in
            guard refusals.load(ordering: .relaxed) == 0 else {
                refusals.subtract(1, ordering: .relaxed)
                return false
            }
            return LineWriter.hasStarted(body)
        }
        for text in ["one\n", "two\n", "three\n"] { writer.write(text, to: pipe.writeEnd) }
        #expect(writer.flush(within: .patience.slackened))
        #expect(pipe.read() == "one\ntwo\n1 lines were lost here: they could not be written in time.\n")
    }

    @Test("With nothing to write, a flush returns at once")
    func idle() { #expect(LineWriter().flush(within: .zero)) }
}

struct LineQueueTests {
    @Test("Lines for one descriptor are one batch until another comes between")
    func batches() {
        var queue = LineQueue(limit: 100)
        for (text, descriptor) in [("a\n", 1), ("b\n", 1), ("c\n", 2), ("d\n", 1)] as [(String, Int32)] {
            #expect(queue.append(text, to: descriptor) == 0)
        }
        #expect(
            queue.takeAll() == [
                .init(descriptor: 1, bytes: Array("a\nb\n".utf8)), .init(descriptor: 2, bytes: Array("c\n".utf8)),
                .init(descriptor: 1, bytes: Array("d\n".utf8)),
            ])
        #expect(queue.isEmpty && queue.takeAll() == nil)
    }

    @Test(
        "What does not fit is dropped whole, and its lines are counted",
        arguments: [("12345678\n", 0), ("123456789\n", 1), ("1\n2\n3\n4\n5\n", 5), ("123456789\nrest", 2), ("", 0)])
    func bound(text: String, dropped: Int) {
        var queue = LineQueue(limit: 9)
        #expect(queue.append(text, to: 2) == dropped)
        _ = queue.takeAll()
        #expect(queue.append("next\n", to: 2) == 0)
    }
}
