package import Primitives

/// Codes in the place of an authenticator that is lost, each good once; shown once.
package struct RecoveryCodes: DescribedObject, Sendable, Equatable {
    package var recoveryCodes: [String]

    package init(recoveryCodes: [String]) {
        self.recoveryCodes = recoveryCodes
    }

    package static let about = "Codes in the place of an authenticator that is lost."

    package static let example = RecoveryCodes(recoveryCodes: ["ABCD-EFGH-IJKL-MNOP-QRST-UVWX-YZ"])

    package static func members<List: MemberList>(of object: inout Self, _ list: inout List) throws(List.Failure) {
        try list.member("recoveryCodes", &object.recoveryCodes, "Each is good once; shown once.")
    }
}
