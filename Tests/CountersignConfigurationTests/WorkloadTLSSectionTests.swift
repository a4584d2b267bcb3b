import CountersignConfiguration
import Testing

/// The certificate of `authz`, by the file and by the environment.
@Suite struct WorkloadTLSSectionTests {
    private func load(
        _ keys: String = "",
        _ environment: [String: String] = [:]
    ) -> (problems: [String], warnings: [String]) {
        let yaml = "authz: { inbound_auth_mode: mtls_only\(keys) }\n"
        let result = CountersignConfigurationTests.load(yaml, environment: environment)
        let isAboutTLS = { (text: String) in text.contains("authz.tls.") }
        return (
            result.problems.map(\.description).filter(isAboutTLS), result.warnings.map(\.description).filter(isAboutTLS)
        )
    }

    @Test func whereTheEnvironmentAsksForTLSTheProblemNamesItsVariables() throws {
        let problem = try #require(load("", ["TLS_ENABLED": "true"]).problems.first)
        for word in ["environment variable TLS_ENABLED", "TLS_CERT_DIR", "cert_dir", "unset"] {
            #expect(problem.contains(word))
        }
        #expect(load("", ["TLS_ENABLED": "true", "TLS_CERT_DIR": "/etc/link-certs"]).problems == [])
    }

    @Test func whereTheFileAsksForTLSTheProblemIsTheMissingKey() throws {
        let problem = try #require(load(", tls: { enabled: true }").problems.first)
        #expect(problem.contains("authz.tls.cert_dir: the key is missing") && !problem.contains("TLS_ENABLED"))
    }

    @Test(arguments: ["TLS_CERT_DIR", "TLS_CA_FILE"])
    func variablesThatDoNothingAreWarnedAbout(_ variable: String) throws {
        let warning = try #require(load("", [variable: "/etc/link-certs"]).warnings.first)
        #expect(warning.contains(variable) && warning.contains("TLS is off"))
        for (keys, environment) in [(", tls: { enabled: false }", [:]), ("", ["TLS_ENABLED": "false"])] {
            #expect(load(keys, environment.merging([variable: "/etc/link-certs"]) { $1 }).warnings == [])
        }
        #expect(load().warnings == [] && load().problems == [])
    }

    @Test(arguments: [("0.0.0.0/0", 1), ("::/0", 1), ("10.0.0.0/8", 0), ("0.0.0.0/1", 0)])
    func proxiesAtEveryAddressAreWarnedAbout(_ block: String, _ count: Int) {
        let yaml = "authz: { inbound_auth_mode: mtls_only, trusted_proxy_cidrs: [\"\(block)\"] }\n"
        let result = CountersignConfigurationTests.load(yaml)
        #expect(result.problems == [])
        #expect(result.warnings.map(\.description).filter { $0.contains("every address") }.count == count)
    }
}
