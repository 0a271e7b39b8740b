import Foundation
import TestKit

/// How long fuzzers go on: for so many rounds, or with `ORDERLINE_LONG=1` for ten minutes, or `FUZZ_SECONDS`.
enum Fuzz {
    private static let seconds: Int? = {
        let environment = ProcessInfo.processInfo.environment
        guard environment["ORDERLINE_LONG"] == "1" else { return nil }
        return environment["FUZZ_SECONDS"].flatMap { Int($0) } ?? 600
    }()

    /// Calls `body` again and again. A long run tells how often.
    static func rounds(_ count: Int, of name: String, _ body: (Int) async throws -> Void) async rethrows {
        let end = seconds.map { ContinuousClock.now + .seconds($0) }
        var round = 0
        while end.map({ ContinuousClock.now < $0 }) ?? (round < count) {
            try await body(round)
            round += 1
        }
        if end != nil { FileHandle.standardError.write(Data("\(name): \(round) rounds\n".utf8)) }
    }
}

extension SeededGenerator {
    mutating func chance(_ one: Int) -> Bool { Int.random(in: 0..<one, using: &self) == 0 }

    mutating func bytes(_ most: Int) -> [UInt8] {
        (0..<Int.random(in: 0...most, using: &self)).map { _ in UInt8.random(in: 0...255, using: &self) }
    }

    /// One of the parts, or a few random bytes.
    mutating func part(_ parts: [String]) -> [UInt8] {
        chance(12) ? bytes(4) : Array((parts.randomElement(using: &self) ?? "").utf8)
    }

    /// Something like what the parts make together, with a few bytes changed, left out, or doubled.
    mutating func text(of parts: [String], most: Int) -> [UInt8] {
        var text: [UInt8] = []
        for _ in 0..<Int.random(in: 0...most, using: &self) { text += part(parts) }
        guard chance(3) else { return text }
        for _ in 0..<Int.random(in: 1...3, using: &self) where !text.isEmpty {
            let place = Int.random(in: 0..<text.count, using: &self)
            switch Int.random(in: 0..<5, using: &self) {
            case 0: text[place] ^= 1 << UInt8.random(in: 0..<8, using: &self)
            case 1: text.remove(at: place)
            case 2: text.insert(UInt8.random(in: 0...255, using: &self), at: place)
            case 3: text.removeSubrange(place...)
            default: text.insert(contentsOf: text[place...].prefix(8), at: place)
            }
        }
        return text
    }
}
