import Primitives
import Testing

struct EnvironmentFileTests {
    @Test(
        "A line gives a variable as Docker Compose's documentation says",
        arguments: [
            ("A=VAL", "VAL"), ("A=\"VAL\"", "VAL"), ("A='VAL'", "VAL"),
            ("A=VAL # comment", "VAL"), ("A=VAL# not a comment", "VAL# not a comment"),
            ("A=\"VAL # not a comment\"", "VAL # not a comment"), ("A=\"VAL\" # comment", "VAL"),
            ("A='$OTHER'", "$OTHER"), ("A='${OTHER}'", "${OTHER}"), ("A='Let\\'s go!'", "Let's go!"),
            (#"A="{\"hello\": \"json\"}""#, #"{"hello": "json"}"#), (#"A="some\tvalue""#, "some\tvalue"),
            (#"A='some\tvalue'"#, #"some\tvalue"#), (#"A=some\tvalue"#, #"some\tvalue"#),
            ("A='SOME\nVALUE'", "SOME\nVALUE"),
        ])
    func compose(text: String, value: String) throws {
        #expect(try EnvironmentFile(parsing: text).variables == ["A": value])
    }

    @Test(
        "Blanks, comments, quotes and escapes wherever they may stand",
        arguments: [
            ("A=1", "1"), ("  A = 1  ", "1"), ("export A=1", "1"), ("export\tA=1", "1"), ("A=", ""), ("A=   ", ""),
            ("A=\"\"", ""), ("A=''", ""), ("A=x#y", "x#y"), ("A=x\t# y", "x\t# y"), ("A=x  #", "x"), ("A=x y", "x y"),
            ("A=b64+/==", "b64+/=="), ("A=x\r\n", "x"), ("A=\"x\"\r\n", "x"), ("\u{FEFF}A=1", "1"),
            ("A=\" x \"", " x "), ("A='a\"b'", "a\"b"), ("A=\"a'b\"", "a'b"), ("A=a\"b", "a\"b"), ("A=a'b'", "a'b'"),
            (#"A="\n\r\t\\\"\$""#, "\n\r\t\\\"$"), (#"A='\\'"#, #"\\"#), (#"A='a\b'"#, #"a\b"#),
            ("A=\"one\ntwo\"", "one\ntwo"), ("A=e\u{301}", "e\u{301}"), ("A=\"x\u{301}\"", "x\u{301}"),
            ("A='\u{301}'", "\u{301}"), ("export=1", nil), ("A=1\nA=2", "2"),
            ("A=postgresql://u:p@h:1/d?x=y", "postgresql://u:p@h:1/d?x=y"),
        ] as [(String, String?)])
    func line(text: String, value: String?) throws {
        let variables = try EnvironmentFile(parsing: text).variables
        #expect(variables == (value.map { ["A": $0] } ?? ["export": "1"]))
    }

    @Test(
        "Lines without a variable are passed over", arguments: ["# A=1", "", "   ", "\n\n", "A", "export A", " # 'x"])
    func nothing(text: String) throws { #expect(try EnvironmentFile(parsing: text).variables.isEmpty) }

    @Test(
        "What different readers take differently is a fault",
        arguments: [
            "A=pa$word", "A=$B", "A=${B}", "A=$$", "A=\"pa$word\"", "A=a$", "A=# nothing", "A= # nothing", "A=\"x",
            "A='x", #"A='x\'"#, "A=\"x\"y", "A='x' y", "=1", "A B=1", "A: 1", "1A=1", "Ä=1", "A-B=1", "A.B=1",
            #"A="\x""#, #"A="C:\dir""#, "<<<<<<< HEAD", "{\"A\": 1}", "A=\"x\"\u{301}",
        ])
    func faults(text: String) {
        let error = #expect(throws: EnvironmentFileError.self) { try EnvironmentFile(parsing: text) }
        #expect(error?.faults.count == 1)
        #expect(error?.faults.first?.hasPrefix("line 1: ") == true)
    }

    @Test("Every line at fault is named at once, by its number, and no value is shown")
    func allFaults() {
        let text = "A=1\nB=secret$word\n\nC='two\nlines'\nsecret line\nD=\"secret\nE=2\n"
        let error = #expect(throws: EnvironmentFileError.self) { try EnvironmentFile(parsing: text) }
        #expect(error?.faults.map { $0.prefix { $0 != ":" } } == ["line 2", "line 6", "line 7"])
        #expect(error?.description.contains("secret") == false)
    }
}
