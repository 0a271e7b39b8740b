/// How to sign in as the Admin that the stack made.
package struct AdminSignIn: Sendable, Equatable {
    package let email: String
    /// `nil` when the caller gave it, now or when the data were made: then it is not shown.
    package let password: String?
    /// What auth is given at its start.
    package let variables: [String: String]

    /// The caller's word counts before what was stored.
    package init(secrets: Secrets, caller: [String: String]) {
        let storedEmail = secrets.values["ADMIN_EMAIL"] ?? Secrets.defaultAdminEmail
        email = caller["ADMIN_EMAIL"] ?? storedEmail
        if let given = caller["ADMIN_PASSWORD"] {
            password = nil
            variables = ["ADMIN_EMAIL": email, "ADMIN_PASSWORD": given]
        } else if let made = secrets.values["ADMIN_PASSWORD"] {
            password = made
            variables = ["ADMIN_EMAIL": email, "ADMIN_PASSWORD": made]
        } else {
            // The password was given when the data were made, and the Admin exists since.
            password = nil
            variables = [:]
        }
    }
}
