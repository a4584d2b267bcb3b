import CountersignPolicy
import Testing

@Suite struct RouteOptionsTests {
    @Test func `the compact JSON keeps the order and escapes what JSON demands`() throws {
        let options = try Fixture.options([
            ("b", "x\"\\\n\u{1}é"), ("a", 3), ("t", true), ("n", .number(1.5)), ("\t", false),
        ])
        #expect(options.json == #"{"b":"x\"\\\n\u0001é","a":3,"t":true,"n":1.5,"\t":false}"#)
        #expect(options.encodedSize == options.json.utf8.count)
        #expect(RouteOptions.empty.json == "{}")
        #expect(options["a"] == 3)
        #expect(options["c"] == nil)
    }

    @Test func `the size limit holds to the byte`() throws {
        // {"k":"…"} takes eight bytes beside the value.
        let largest = try Fixture.options([("k", .string(String(repeating: "x", count: 1_016)))])
        #expect(largest.encodedSize == 1_024)
        try largest.checkSize()
        let larger = try Fixture.options([("k", .string(String(repeating: "x", count: 1_017)))])
        let error = #expect(throws: PolicyError.self) { try larger.checkSize() }
        #expect(error?.code == .optionsTooLarge)
        #expect(error?.message.contains("1025") == true)
        try larger.checkSize(limit: 1_025)
    }

    @Test func `a repeated option is refused`() {
        let error = #expect(throws: PolicyError.self) { try Fixture.options([("a", 1), ("a", 2)]) }
        #expect(error?.code == .duplicateOption)
        #expect(error?.options == ["a"])
    }

    @Test(arguments: [Double.nan, .infinity, -.infinity])
    func `a number that JSON cannot say is refused`(number: Double) {
        let error = #expect(throws: PolicyError.self) { try Fixture.options([("a", .number(number))]) }
        #expect(error?.code == .numberNotFinite)
    }
}
