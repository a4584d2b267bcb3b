import CountersignConfiguration
import Testing

@Suite struct SecretTests {
    static let yaml = """
        nats: { hosts: [{ hostname: 127.0.0.1 }], user: u, pass: hunter2 }
        authority:
          trust_domain: link.internal
          intermediate: { cert_path: pki/int.pem, key_path: "-----BEGIN PRIVATE KEY-----\\nhunter2\\n-----END PRIVATE KEY-----" }
          store: { postgres: "postgresql://root:hunter2@db/x" }
        """

    @Test func nothingThatPrintsAConfigurationTellsASecret() throws {
        let result = load(Self.yaml)
        #expect(result.problems == [])
        let configuration = try #require(result.configuration)
        var dumped = ""
        dump(result, to: &dumped)
        #expect(!dumped.contains("hunter2"))
        #expect(!"\(configuration)".contains("hunter2"))
        #expect(!String(reflecting: result).contains("hunter2"))
        #expect(!"\(result.secrets) \(result.pems)".contains("hunter2"))
    }

    @Test func whoeverNeedsASecretGetsIt() throws {
        let result = load(Self.yaml)
        let password = try #require(result.configuration?.nats?.password)
        #expect(result.secrets[password]?.reveal() == "hunter2")
    }

    @Test func aSecretOfAFileIsItsTextWithoutTheLastLineBreak() throws {
        let result = load("nats: { hosts: [{ hostname: 127.0.0.1 }], pass_file: run/nats-pass }")
        let password = try #require(result.configuration?.nats?.password)
        #expect(result.secrets[password]?.reveal() == "pass-of-the-bus")
    }

    @Test func aSecretOfTheEnvironmentIsTakenAsItIs() throws {
        let yaml = "nats: { hosts: [{ hostname: 127.0.0.1 }], pass: \"${PASS}\" }"
        let result = load(yaml, environment: ["PASS": " a: ${b} # c\n"])
        let password = try #require(result.configuration?.nats?.password)
        #expect(result.secrets[password]?.reveal() == " a: ${b} # c\n")
    }
}
