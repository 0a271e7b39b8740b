#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The interface's JSON: times are RFC 3339 with milliseconds.
enum WireCoding {
    private static let times = Date.ISO8601FormatStyle(includingFractionalSeconds: true)

    /// To the nearest millisecond; by itself the style cuts off what the nearest binary fraction is short of.
    static func text(_ date: Date) -> String { date.addingTimeInterval(0.0005).formatted(times) }

    static func encode(_ value: some Encodable) throws(Problem) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.dateEncodingStrategy = .custom { date, encoder in
            var value = encoder.singleValueContainer()
            try value.encode(text(date))
        }
        do { return [UInt8](try encoder.encode(value)) } catch {
            throw Problem(.malformedJSON, "What was to be sent is no JSON: \(error)", status: 400)
        }
    }

    /// - Throws: `unexpected-answer`.
    static func decode<Value: Decodable>(_ type: Value.Type, _ bytes: [UInt8]) throws(Problem) -> Value {
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .custom { decoder in
            let value = try decoder.singleValueContainer()
            return try Date(value.decode(String.self), strategy: times)
        }
        do { return try decoder.decode(type, from: Data(bytes)) } catch {
            throw Problem(.unexpectedAnswer, "The answer could not be read: \(error)")
        }
    }
}
