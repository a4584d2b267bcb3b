import CountersignConfiguration
import Testing

@Suite struct VariableSubstitutionTests {
    static let environment = ["NAME": "value", "EMPTY": "", "NESTED": "${NAME}", "YAML": "a: [1, 2]", "_9": "under"]

    private func substitute(_ text: String) -> VariableSubstitution {
        VariableSubstitution(of: text) { Self.environment[$0] }
    }

    @Test(
        "variables are replaced by their values",
        arguments: [
            ("", ""), ("plain", "plain"), ("${NAME}", "value"), ("a${NAME}b${NAME}c", "avaluebvaluec"),
            ("${_9}", "under"), ("${EMPTY}", ""), ("${EMPTY:-x}", "x"), ("${NONE:-x}", "x"), ("${NONE:-}", ""),
            ("${NAME:-x}", "value"), ("${NONE:-a:b-c}", "a:b-c"), ("${NONE:-${NAME}}", "${NAME}"),
        ]
    )
    func replaces(_ text: String, _ expected: String) {
        let result = substitute(text)
        #expect(result.text == expected)
        #expect(result.problem == nil)
    }

    @Test(
        "dollars that name no variable stay",
        arguments: [("$", "$"), ("a$b", "a$b"), ("$ {NAME}", "$ {NAME}"), ("$$", "$")]
    )
    func keeps(_ text: String, _ expected: String) {
        #expect(substitute(text).text == expected)
        #expect(!substitute(text).isSubstituted)
    }

    @Test func doubledDollarsEscapeVariables() {
        #expect(substitute("$${NAME}").text == "${NAME}")
        #expect(substitute("$$${NAME}").text == "$value")
    }

    @Test func valuesAreNotSearchedForVariables() {
        #expect(substitute("${NESTED}").text == "${NAME}")
        #expect(substitute("${YAML}").text == "a: [1, 2]")
    }

    @Test(
        "what cannot be replaced is a problem",
        arguments: ["${NONE}", "${", "${NAME", "${}", "${9}", "${A B}", "${NAME:x}", "${NAME:?x}", "${NAME:}", "${nä}"]
    )
    func refuses(_ text: String) {
        #expect(substitute(text).problem != nil)
    }
}
