import CountersignJSON
import Testing

@Suite struct JSONParserTests {
    @Test(arguments: [
        "{\"a\":[1,-2,true,null,\"x\\u00e9\\n\"]}", "[]", "0", "\"\\ud83d\\ude00\"", "1.5e3",
    ])
    func `a document is read and written alike`(text: String) throws {
        let value = try JSONValue(parsing: Array(text.utf8))
        #expect(try JSONValue(parsing: Array(value.compact.utf8)) == value)
        #expect(try JSONValue(parsing: Array(value.text.utf8)) == value)
    }

    @Test(arguments: [
        "", "{", "{\"a\":1,\"a\":2}", "[1,]", "01", "-", "1.", "1e", "\"\u{1}\"", "\"\\x\"", "\"\\ud800\"", "nul",
        "1 2", "99999999999999999999",
        "\"abc", "{a:1}", "{\"a\" 1}",
    ])
    func `what is not JSON is refused with its place`(text: String) {
        #expect(throws: JSONError.self) { try JSONValue(parsing: Array(text.utf8)) }
    }

    @Test func `nesting is bounded`() {
        let text = String(repeating: "[", count: 100_000)
        #expect(throws: JSONError.self) { try JSONValue(parsing: Array(text.utf8)) }
    }

    @Test func `strings must be UTF-8`() {
        #expect(throws: JSONError.self) { try JSONValue(parsing: [0x22, 0xFF, 0x22]) }
    }

    @Test func `a number is whole by its value, not by its spelling`() throws {
        let object = try JSONObject(
            try JSONValue(parsing: Array("{\"a\":5.0,\"b\":5e0,\"c\":5.5,\"d\":1e30}".utf8)),
            known: nil
        )
        #expect(try object.integer("a") == 5)
        #expect(try object.integer("b") == 5)
        #expect(throws: JSONError.self) { try object.integer("c") }
        #expect(throws: JSONError.self) { try object.integer("d") }
    }

    @Test func `unknown members and wrong types are told with their path`() throws {
        let value = try JSONValue(parsing: Array("{\"a\":{\"b\":1}}".utf8))
        let object = try JSONObject(value, known: ["a"])
        #expect(throws: JSONError.self) { try JSONObject(value, known: ["b"]) }
        let inner = try #require(try object.object("a", known: nil))
        #expect(try inner.integer("b") == 1)
        do {
            _ = try inner.string("b")
            Issue.record("a number was read as a string")
        } catch {
            #expect(error.description == "$.a.b: expected a string")
        }
    }
}
