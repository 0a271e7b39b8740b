import Testing

@testable import LocalStack

@Suite("Files of variables")
struct EnvironmentFileTests {
    @Test(
        "A line gives a variable as a shell would",
        arguments: [
            ("A=1", "1"), ("  A = 1  ", "1"), ("export A=1", "1"), ("A=\"x # y\" # comment", "x # y"),
            ("A='x y'", "x y"),
            ("A=x # comment", "x"), ("A=x#y", "x#y"), ("A=", ""), ("A=# nothing", ""), ("A=b64+/==", "b64+/=="),
        ])
    func line(text: String, value: String) {
        #expect(EnvironmentFile.parse(text) == ["A": value])
    }

    @Test("Comments, blank lines and lines without a name are passed over", arguments: ["# A=1", "", "   ", "A", "=1"])
    func nothing(text: String) {
        #expect(EnvironmentFile.parse(text).isEmpty)
    }

    @Test("What was written is read back")
    func roundTrip() {
        let variables = ["B": "x+/=", "A": "1"]
        #expect(EnvironmentFile.text(variables) == "A=1\nB=x+/=\n")
        #expect(EnvironmentFile.parse(EnvironmentFile.text(variables)) == variables)
    }
}
