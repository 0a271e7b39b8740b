import TestKit
import Testing

@testable import SocketServer

@Suite(.bounded)
struct UTF8ValidatorTests {
    /// The first and last bytes of every class in RFC 3629 §4, and those beside them.
    private static let borders: [UInt8] = [
        0x00, 0x41, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xC1, 0xC2, 0xDF, 0xE0, 0xE1, 0xEC, 0xED, 0xEE,
        0xEF, 0xF0, 0xF1, 0xF3, 0xF4, 0xF5, 0xFF,
    ]

    /// Among these is one that completes every character that has begun well.
    private static let completions: [[UInt8]] =
        [[]] + [[0x80], [0x90], [0xA0]].flatMap { [$0, $0 + [0x80], $0 + [0x80, 0x80]] }

    private static func isText(_ bytes: [UInt8]) -> Bool { String(validating: bytes, as: UTF8.self) != nil }

    /// Whether some text begins with `bytes`, as the standard library sees it.
    private static func begins(_ bytes: [UInt8]) -> Bool { completions.contains { isText(bytes + $0) } }

    /// Whether all bytes are taken, in pieces of `sizes` in turn, and whether the text may end there.
    private static func accepted(_ bytes: [UInt8], sizes: [Int]) -> (isAccepted: Bool, isComplete: Bool) {
        var validator = UTF8Validator()
        var start = 0
        var turn = 0
        while start < bytes.count {
            let end = min(bytes.count, start + sizes[turn % sizes.count])
            let isAccepted = bytes[start..<end].withUnsafeBytes { validator.accept($0) }
            guard isAccepted else { return (false, false) }
            start = end
            turn += 1
        }
        return (true, validator.isComplete)
    }

    private static func check(_ bytes: [UInt8], sizes: [Int]) {
        let (isAccepted, isComplete) = accepted(bytes, sizes: sizes)
        guard isAccepted == begins(bytes), (isAccepted && isComplete) == isText(bytes) else {
            Issue.record("\(bytes) by \(sizes): accepted \(isAccepted), complete \(isComplete)")
            return
        }
    }

    @Test("Three bytes from the borders of every class begin a text, or are refused, as the standard library has it")
    func everyBorder() {
        Self.check([], sizes: [1])
        for first in UInt8.min...UInt8.max { Self.check([first], sizes: [1]) }
        for first in Self.borders where Self.begins([first]) {
            for second in UInt8.min...UInt8.max {
                Self.check([first, second], sizes: [1])
                guard Self.borders.contains(second), Self.begins([first, second]) else { continue }
                for third in Self.borders { Self.check([first, second, third], sizes: [2, 1]) }
            }
        }
    }

    @Test("The forms that decoders get wrong are refused at the byte that shows it")
    func tricky() {
        let table: [(bytes: [UInt8], refusedAt: Int?)] = [
            ([0xC0, 0x80], 1), ([0xC1, 0xBF], 1), ([0xE0, 0x80, 0x80], 2), ([0xE0, 0x9F, 0xBF], 2),
            ([0xF0, 0x80, 0x80, 0x80], 2), ([0xF0, 0x8F, 0xBF, 0xBF], 2), ([0xED, 0xA0, 0x80], 2),
            ([0xED, 0xAF, 0xBF, 0xED, 0xBF, 0xBF], 2), ([0xED, 0x9F, 0xBF], nil), ([0xEE, 0x80, 0x80], nil),
            ([0xF4, 0x8F, 0xBF, 0xBF], nil), ([0xF4, 0x90, 0x80, 0x80], 2), ([0xF5, 0x80, 0x80, 0x80], 1),
            ([0xF8, 0x88, 0x80, 0x80, 0x80], 1), ([0xFE], 1), ([0xFF], 1), ([0xEF, 0xBB, 0xBF], nil),
            ([0xEF, 0xBF, 0xBE], nil), ([0x61, 0x80], 2), ([0xC2, 0x61], 2), ([0xE2, 0x82, 0x61], 3),
            ([0xF0, 0x9F, 0x98, 0xC2], 4), ([0xE2, 0x28, 0xA1], 2),
        ]
        for (bytes, refusedAt) in table {
            let refused = (1...bytes.count).first { !Self.accepted(Array(bytes[..<$0]), sizes: [.max >> 1]).isAccepted }
            #expect(refused == refusedAt, "\(bytes)")
        }
    }

    @Test("A wrong byte is found wherever it stands among ASCII, and what follows ASCII is read right")
    func amongASCII() {
        let ascii = [UInt8](repeating: UInt8(ascii: "a"), count: 80)
        for place in 0...80 {
            for inserted in [[0xFF], [0x80], [0xC3], [0xC3, 0xA9], [0xF0, 0x9F, 0x98, 0x80]] as [[UInt8]] {
                Self.check(ascii[..<place] + inserted + ascii[place...], sizes: [200])
                Self.check(ascii[..<place] + inserted, sizes: [33, 8])
            }
        }
    }

    @Test("Random bytes, mostly of characters' borders, are text when the standard library says so", .seeded)
    func random() {
        var generator = SeededGenerator()
        let characters = ["a", "abcdefghijklmnopqrstuvwxyz012345678", "\u{7FF}", "\u{D7FF}", "\u{FFFD}", "\u{10FFFF}"]
        let rounds = Slack.isLong ? 250_000 : 5000
        for _ in 0..<rounds {
            var bytes: [UInt8] = []
            for _ in 0..<Int.random(in: 0...6, using: &generator) {
                bytes += characters[Int.random(in: 0..<characters.count, using: &generator)].utf8
            }
            if Bool.random(using: &generator) {
                let place = Int.random(in: 0...bytes.count, using: &generator)
                let removed = min(bytes.count - place, Int.random(in: 0...2, using: &generator))
                let borders = (0..<Int.random(in: 0...2, using: &generator)).map { _ in
                    Self.borders[Int.random(in: 0..<Self.borders.count, using: &generator)]
                }
                bytes.replaceSubrange(place..<place + removed, with: borders)
            }
            Self.check(bytes, sizes: (0..<3).map { _ in Int.random(in: 1...40, using: &generator) })
        }
    }
}
