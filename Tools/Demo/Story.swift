internal import OrderlineClient

/// What becomes of one order.
struct Story {
    enum Speaker { case customer, admin }

    let order: OrderDraft
    let talk: [(Speaker, String)]
    /// With what its room is closed; `nil` while it is open.
    let summary: String?
    let isCompleted: Bool

    /// One in each state, the oldest first.
    static let all = [
        Story(
            order: OrderDraft(
                description: "A bench for the garden, for three",
                specifications: "Larch, not painted. 160 cm long, with a back.", quantity: 1),
            talk: [
                (.customer, "Does larch need any oil?"),
                (.admin, "No. It turns grey in a year or two and lasts for twenty."),
                (.customer, "Then leave it as it is, please."),
            ], summary: "A bench of larch, 160 cm, with a back, without oil. Delivered in week 40.", isCompleted: true),
        Story(
            order: OrderDraft(
                description: "Two long tables for the canteen",
                specifications: ["wood": "ash", "length cm": 240, "width cm": 90, "folding": true], quantity: 2,
                metadata: ["reference": "CANTEEN-7"]),
            talk: [
                (.customer, "Could they fold, so that two people can put them away?"),
                (.admin, "Yes, with a lock under the top: https://example.com/folding-tables"),
                (.admin, "It adds four days."),
                (.customer, "Four days are fine."),
            ], summary: "Two folding tables of ash, 240 × 90 cm. Ready in four weeks and four days.",
            isCompleted: false),
        Story(
            order: OrderDraft(
                description: "Forty oak chairs for the town library",
                specifications: ["wood": "oak", "finish": "oiled", "seat height cm": 45, "stackable": true],
                quantity: 40, metadata: ["reference": "LIB-2041"]),
            talk: [
                (.customer, "Hello! The library opens on the first. Could we have them a week before?"),
                (.admin, "Forty is no small number. I am asking the workshop and tell you today."),
                (.customer, "Thank you. Thirty by then, and ten later, would do as well."),
            ], summary: nil, isCompleted: false),
    ]
}
