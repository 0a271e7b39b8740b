package import Messaging

/// What the orders service answers and tells.
package enum Orders {
    /// The first word of its subjects, its queue group, its schema and its user at the message server.
    package static let name = "orders"

    /// The orders service refuses to start until every request of it has a handler; each message has a sample in
    /// `Tests/ContractsTests`.
    package static let declaration = ServiceDeclaration(
        name: name,
        requests: [
            Create.self, List.self, Get.self, Update.self, SetStatus.self, History.self, Stats.self, Lookup.self,
            Facts.self, Fetch.self,
        ],
        events: [Created.self, Updated.self, StatusChanged.self],
        // By name: the declarations of two that hear each other would wait for each other.
        sources: [Chat.name, Auth.name]
    )
}
