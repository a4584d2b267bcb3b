import CountersignAuthority
import CountersignPKI
import Testing

@Suite struct CFSSLKeyTests {
    private static let text = "000102030405060708090a0b0c0d0e0f"

    @Test func `the token is the HMAC of the request`() throws {
        // openssl dgst -sha256 -mac HMAC -macopt hexkey:000102030405060708090a0b0c0d0e0f
        let key = try #require(CFSSLKey(name: "k", hexadecimal: Self.text))
        #expect(
            Hexadecimal.text(of: key.token(for: Array("request".utf8)))
                == "7295b0d57e61d7e8ea913c6351f9ee81b2e91f445f20a5e767378a5d991ab203"
        )
        #expect(CFSSLKey(name: "k", hexadecimal: Self.text.uppercased())?.token(for: [1]) == key.token(for: [1]))
    }

    @Test(arguments: ["", "00", "0001020304050607", text + "0", text + "xy", "0x" + text, " " + text + " "])
    func `what is no key of 16 bytes is refused`(_ text: String) {
        #expect(CFSSLKey(name: "k", hexadecimal: text) == nil)
    }

    @Test func `the secret is never shown`() throws {
        let key = try #require(CFSSLKey(name: "k", hexadecimal: Self.text))
        var dumped = ""
        dump(key, to: &dumped)
        #expect("\(key)" == "key k" && !dumped.contains("0f") && !dumped.contains("SymmetricKey"))
    }
}
