import AuthService
import Contracts
import Messaging
import Primitives
import Testing

struct AccountRuleTests {
    private func account(role: Role = .regular, disabled: Bool = false) -> Account {
        var account = Account(id: .make(), name: "Ann", email: "ann@example.com", role: role)
        account.disabled = disabled
        return account
    }

    private func patch(_ json: String) throws -> AccountPatch { try AccountPatch(body: Array(json.utf8)) }

    @Test(
        "An Admin changes another's role and access from any state to any other", arguments: Role.allCases,
        [false, true])
    func transitions(role: Role, disabled: Bool) throws {
        for newRole in Role.allCases {
            for newDisabled in [false, true] {
                var account = account(role: role, disabled: disabled)
                let patch = try patch(#"{"role":"\#(newRole.rawValue)","disabled":\#(newDisabled)}"#)
                let change = try patch.apply(to: &account, by: .make())
                #expect(account.role == newRole && account.disabled == newDisabled)
                let isChanged = newRole != role || newDisabled != disabled
                #expect(change.isAny == isChanged && change.isPublic == isChanged && change.isOfAccess == isChanged)
                #expect(change.locksOut == (newDisabled && !disabled))
            }
        }
    }

    @Test(
        "An Admin cannot demote or disable themself",
        arguments: [#"{"role":"Regular"}"#, #"{"disabled":true}"#, #"{"role":"Admin","disabled":true}"#])
    func selfChange(_ json: String) throws {
        var account = account(role: .admin)
        let id = account.id
        let patch = try patch(json)
        #expect(throws: ServiceError.self) { try patch.apply(to: &account, by: id) }
    }

    @Test("An Admin may set on themself what is so already", arguments: [#"{"role":"Admin"}"#, #"{"disabled":false}"#])
    func sameValue(_ json: String) throws {
        var account = account(role: .admin)
        let id = account.id
        #expect(try patch(json).apply(to: &account, by: id).isAny == false)
    }

    @Test("A deleted account cannot be changed")
    func deleted() throws {
        var account = account()
        account.erase(at: .now())
        let patch = try patch(#"{"disabled":false}"#)
        let error = #expect(throws: ServiceError.self) { try patch.apply(to: &account, by: .make()) }
        #expect(error?.code == .notFound)
    }

    @Test("Erasing leaves nothing personal and locks out")
    func erase() {
        let before = account()
        var account = before
        account.erase(at: .now())
        #expect(account.user.name == "Deleted user" && account.user.email == nil && account.user.disabled)
        let change = AccountChange(from: before, to: account)
        #expect(change.isPublic && change.isOfAccess && change.locksOut)
    }

    @Test("A change of the address alone is not told to other services")
    func emailAlone() throws {
        var account = account()
        let change = try ProfilePatch(body: Array(#"{"email":"new@example.com"}"#.utf8)).apply(to: &account)
        #expect(change.isAny && !change.isPublic && !change.isOfAccess)
    }

    @Test("A name or an address that differs only in its normalisation is a change")
    func normalisation() throws {
        var account = account()
        account.name = "Zo\u{EB}"
        account.email = "zo\u{EB}@example.com"
        let body = #"{"name":"Zoe\u0308","email":"zoe\u0308@example.com"}"#
        let patch = try ProfilePatch(body: Array(body.utf8))
        let change = patch.apply(to: &account)
        #expect(change.isAny && change.isPublic)
        #expect(account.name.unicodeScalars.count == 4)
        #expect(!patch.apply(to: &account).isAny)
        account.email = "zo\u{EB}@example.com"
        let moved = patch.apply(to: &account)
        #expect(moved.isAny && !moved.isPublic)
    }

    @Test("A new name is told to other services and leaves access as it is")
    func name() throws {
        var account = account()
        let change = try ProfilePatch(body: Array(#"{"name":"Beth"}"#.utf8)).apply(to: &account)
        #expect(change.isPublic && !change.isOfAccess && !change.locksOut)
    }

    @Test(
        "A bad change to an account names its field",
        arguments: [
            (#"{"role":"Root"}"#, "role"), (#"{"role":null}"#, "role"), (#"{"disabled":null}"#, "disabled"),
            (#"{"disabled":"yes"}"#, "disabled"), (#"{"name":"Ann"}"#, "name"), ("{}", "body"),
        ])
    func badPatch(_ json: String, _ field: String) {
        let error = #expect(throws: ServiceError.self) { try patch(json) }
        #expect(error?.code == .validationFailed && error?.faults.contains { $0.field == field } == true)
    }

    @Test("A device is cut to 200 characters and holds no control characters")
    func device() {
        #expect(Device.named(nil) == nil && Device.named("") == nil && Device.named("\u{1}\n") == nil)
        #expect(Device.named("Fire\u{0}fox/1\n") == "Firefox/1")
        #expect(Device.named(String(repeating: "😀", count: 500))?.unicodeScalars.count == 200)
    }
}
