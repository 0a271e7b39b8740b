package import Messaging

/// What the orders service answers and tells.
package enum Orders {
    package static let name = "orders"

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
