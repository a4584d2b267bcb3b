import CountersignConfiguration
import Testing

@Suite struct ListenAddressTests {
    @Test(
        "an IP address and a port are taken",
        arguments: ["127.0.0.1:8443", "0.0.0.0:0", "[::1]:8443", "[2001:db8::1]:65535"]
    )
    func takes(_ text: String) throws {
        #expect(try ListenAddress(parsing: text).description == text)
    }

    @Test(
        "anything else is refused and named",
        arguments: [
            "", ":", ":8443", "8443", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-1", "127.0.0.1:+1",
            "127.0.0.1: 1", "localhost:8443", "::1:8443", "[::1]", "[::1]8443", "[127.0.0.1]:1", "[]:1", "1.2.3:1",
            "127.0.0.1:1:2",
        ]
    )
    func refuses(_ text: String) {
        let error = #expect(throws: ConfigurationValueError.self) { try ListenAddress(parsing: text) }
        #expect(error?.message.contains("\"\(text)\"") == true)
    }
}
