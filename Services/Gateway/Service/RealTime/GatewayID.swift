/// The name of a gateway process, among all that there are: ten small letters and digits, made anew at each start.
struct GatewayID: Sendable, Hashable, CustomStringConvertible {
    let value: String

    var description: String { value }

    /// One that no other process has.
    static func random() -> GatewayID {
        let letters = Array("abcdefghijklmnopqrstuvwxyz0123456789")
        return GatewayID(value: String((0..<10).map { _ in letters[Int.random(in: 0..<letters.count)] }))
    }
}
