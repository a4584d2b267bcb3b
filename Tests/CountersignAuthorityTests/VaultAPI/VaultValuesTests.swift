import CountersignHTTPServer
import Testing

@testable import CountersignAuthority

@Suite struct VaultValuesTests {
    @Test(arguments: [
        ("3600", 3600), ("1h", 3600), ("2160h0m0s", 7_776_000), ("90m", 5400), ("1h30m", 5400), ("30d", 2_592_000),
        ("1s", 1),
    ])
    func `lengths of time are read in every form that clients write`(text: String, seconds: Int64) {
        #expect(VaultDuration.seconds(text) == seconds)
    }

    @Test(arguments: ["", "0", "-1", "-1h", "+1d", "1.5h", "1x", "d", "1h30", "99999999999999999999", "999999999d"])
    func `what is no length of time is none`(text: String) {
        #expect(VaultDuration.seconds(text) == nil)
    }

    @Test func `serial numbers are written in pairs and read in any form`() {
        #expect(VaultSerial.text("1a2b3c") == "1a:2b:3c")
        #expect(VaultSerial.text("1a") == "1a")
        #expect(VaultSerial.text("") == "")
        for text in ["1a:2b:3c", "1A-2B-3C", "1a2b3c"] { #expect(VaultSerial.inventory(text) == "1a2b3c") }
        #expect(VaultSerial.inventory("a2b") == "0a2b")
        for text in ["", ":", "xyz", String(repeating: "ab", count: 33)] { #expect(VaultSerial.inventory(text) == nil) }
    }

    @Test func `parameters are read as values or as text`() throws {
        let body = #"{"a":"true","b":true,"c":"x, y,,","d":["x","y"],"e":"7","f":7,"g":null,"h":"","i":0}"#
        let request = try ServerRequest(composing: "POST", "/v1/pki/issue/web", body: Array(body.utf8))
        let parameters = try VaultParameters(request)
        #expect(try parameters.flag("a") == true)
        #expect(try parameters.flag("b") == true)
        #expect(try parameters.list("c") == ["x", "y"])
        #expect(try parameters.list("d") == ["x", "y"])
        #expect(try parameters.integer("e") == 7)
        #expect(try parameters.text("f") == "7")
        #expect(try parameters.text("g") == nil)
        #expect(try parameters.flag("h") == nil)
        #expect(try parameters.seconds("i") == nil)
        #expect(!parameters.has("g") && !parameters.has("h") && parameters.has("i"))
        #expect(throws: VaultError.self) { try parameters.flag("c") }
        #expect(throws: VaultError.self) { try parameters.integer("a") }
        #expect(throws: VaultError.self) { try parameters.text("d") }
        #expect(throws: VaultError.self) { try parameters.list("b") }
        #expect(throws: VaultError.self) { try parameters.refuse("a", "it is not offered") }
        try parameters.refuse("h", "it is not offered")
    }

    @Test func `no content stands for no parameters, and a list for a mistake`() throws {
        let empty = try ServerRequest(composing: "POST", "/v1/pki/tidy")
        #expect(try !VaultParameters(empty).has("x"))
        let list = try ServerRequest(composing: "POST", "/v1/pki/tidy", body: Array("[]".utf8))
        #expect(throws: VaultError.self) { try VaultParameters(list) }
    }
}
