import CountersignConfiguration
import Testing

@Suite struct ServiceURLTests {
    @Test(
        "a URL has a scheme, a host, a port and a path",
        arguments: [
            ("https://users.internal:4001/graphql", "https://users.internal:4001/graphql"),
            ("http://127.0.0.1", "http://127.0.0.1:80/"), ("HTTPS://Users.Internal/", "https://users.internal:443/"),
            ("https://[::1]:1/a/b", "https://[::1]:1/a/b"), ("https://[::1]/", "https://[::1]:443/"),
        ]
    )
    func takes(_ text: String, _ normal: String) throws {
        #expect(try ServiceURL(parsing: text).description == normal)
    }

    @Test(
        "anything else is refused",
        arguments: [
            "", "https://", "https:///x", "users.internal", "ftp://a", "https//a", "https://a:0/", "https://a:65536/",
            "https://a:/", "https://a:b/", "https://a?b", "https://a/?b", "https://a/#b", "https://a b/",
            "https://::1/",
            "https://[::1/", "https://a\\b/", "https://ä/",
        ]
    )
    func refuses(_ text: String) {
        #expect(throws: ConfigurationValueError.self) { try ServiceURL(parsing: text) }
    }

    @Test func credentialsAreRefusedAndNotRepeated() {
        let error = #expect(throws: ConfigurationValueError.self) {
            try ServiceURL(parsing: "https://user:hunter2@users.internal/")
        }
        #expect(error?.message.contains("hunter2") == false)
    }
}
