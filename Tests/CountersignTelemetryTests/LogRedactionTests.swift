import Testing

@testable import CountersignTelemetry

@Suite struct LogRedactionTests {
    @Test(arguments: [
        "authorization", "Authorization", "http.request.authorization", "proxy-authorization", "cookie", "Set-Cookie",
        "token", "access_token", "accessToken", "countersign.join.token", "key", "privateKey", "private_key_pem",
        "api-key", "apikey", "password", "db.password", "passphrase", "pass", "secret", "clientSecret", "credentials",
        "PSK",
    ])
    func `hides what is named like a secret`(key: String) {
        #expect(LogRedaction.isSecret(key: key))
    }

    @Test(arguments: [
        "countersign.peer.id", "countersign.rule", "mtls_auth", "keyboard", "monkey", "passed", "bypass", "tokenizer",
        "key.id", "key_algorithm", "token.count", "secret.name", "private_key_file", "compass", "", "...",
    ])
    func `shows what only sounds like one or describes one`(key: String) {
        #expect(!LogRedaction.isSecret(key: key))
    }

    @Test(arguments: [
        ("-----BEGIN PRIVATE KEY-----\nMC4CAQ", true), ("x -----BEGIN ENCRYPTED PRIVATE KEY----- y", true),
        ("Bearer abc", true), ("bearer abc", true), ("Basic dTpw", true), ("-----BEGIN CERTIFICATE-----", false),
        ("the bearer of news", false), ("basically fine", false), ("", false),
    ])
    func `knows private keys and credentials by their form`(value: String, isSecret: Bool) {
        #expect(LogRedaction.isSecret(value: value) == isSecret)
    }
}
