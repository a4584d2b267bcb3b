import Testing

@testable import CountersignJSON

@Suite struct JSONWritingTests {
    private let document = JSONValue.object([
        .init("a", .array([.number(-1), .fraction(0.5), .null])),
        .init("b \"", .object([.init("yes", .bool(true)), .init("no", .bool(false))])),
        .init("", .array([])),
        .init("empty", .object([])),
    ])

    @Test func `one line has no spaces`() {
        let line = #"{"a":[-1,0.5,null],"b \"":{"yes":true,"no":false},"":[],"empty":{}}"#
        #expect(self.document.compact == line)
        #expect(self.document.compactBytes == Array(line.utf8))
        #expect(self.document.compactLine == Array("\(line)\n".utf8))
    }

    @Test func `several lines are indented, and empty lists and objects are not`() {
        let text = """
            {
              "a": [
                -1,
                0.5,
                null
              ],
              "b \\"": {
                "yes": true,
                "no": false
              },
              "": [],
              "empty": {}
            }
            """
        #expect(self.document.text == text)
    }

    @Test(arguments: [
        ("", ""),
        ("plain", "plain"),
        ("a\nb\n", #"a\nb\n"#),
        ("\n", #"\n"#),
        ("\r\n\t", #"\r\n\t"#),
        ("\"\\/", #"\"\\/"#),
        ("\u{0}a\u{1F}", #"\u0000a\u001f"#),
        ("a\u{7F}", #"a\u007f"#),
        ("é\n日本", #"é\n日本"#),
        ("a\nb\u{7F}\nc\"é", #"a\nb\u007f\nc\"é"#),
        ("\u{9B}\u{2028}\u{200B}", #"\u009b\u2028\u200b"#),
        ("\u{E0001}😀", #"\udb40\udc01😀"#),
    ])
    func `strings are escaped where they have to be`(text: String, escaped: String) throws {
        #expect(JSONValue.string(text).compact == "\"\(escaped)\"")
        #expect(JSONValue.string(text).text == "\"\(escaped)\"")
        #expect(try JSONValue(parsing: JSONValue.string(text).compactBytes) == .string(text))
    }

    @Test(arguments: [0, 1, 64])
    func `a line break is found wherever it is`(count: Int) {
        let run = String(repeating: "x", count: count)
        #expect(JSONValue.string("\(run)\n\(run)").compact == "\"\(run)\\n\(run)\"")
    }
}
