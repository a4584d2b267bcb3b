import CountersignConfiguration
import Testing

@Suite struct ConfigurationLoaderTests {
    private func loader(_ files: [String: FileContents]) -> ConfigurationLoader {
        ConfigurationLoader(environment: [:], fileReader: MemoryFileReader(files: files))
    }

    @Test(
        "relative paths start from the file's folder",
        arguments: [
            ("router.yaml", "pki/server.pem"), ("etc/router.yaml", "etc/pki/server.pem"),
            ("/etc/router.yaml", "/etc/pki/server.pem"), ("/router.yaml", "/pki/server.pem"),
            ("./router.yaml", "./pki/server.pem"),
        ]
    )
    func resolves(_ path: String, _ expected: String) throws {
        let yaml = RouterSectionTests.smallest.replacing("private_key: pki/", with: "private_key: /keys/")
        let result = loader([
            path: MemoryFileReader.text(yaml), expected: MemoryFileReader.text(MemoryFileReader.certificate),
            "/keys/server-key.pem": MemoryFileReader.text(MemoryFileReader.key),
        ]).load(path: path)
        #expect(result.problems == [])
        let certificate = try #require(result.configuration?.router?.tls.certificates.first)
        #expect(certificate.chain.source == .path(expected))
        #expect(result.pems[certificate.chain] == MemoryFileReader.certificate)
        #expect(result.pems[certificate.privateKey] == MemoryFileReader.key)
    }

    @Test func aFileThatCannotBeReadIsToldFromOneThatIsRefused() {
        #expect(loader([:]).load(path: "none.yaml").isFileUnreadable)
        #expect(
            loader([:]).load(path: "none.yaml").problems.map(\.description) == ["none.yaml: the file does not exist"]
        )
        #expect(!load("nonsense").isFileUnreadable)
    }

    @Test func aFileThatIsTooLongIsRefused() {
        let yaml = "log: { level: info } #" + String(repeating: "x", count: 4 * 1024 * 1024)
        #expect(load(yaml).problems.map(\.description) == ["test.yaml: the file is longer than 4194304 bytes"])
    }

    @Test func bytesThatAreNotUTF8AreToldWithTheirLine() {
        let bytes = Array("log:\n  level: info # ".utf8) + [0xFF] + Array("\n".utf8)
        let result = loader(["a.yaml": FileContents(bytes: bytes)]).load(path: "a.yaml")
        #expect(result.problems.map(\.description) == ["a.yaml:2:1: the file is not UTF-8 text"])
    }

    @Test func aRefusedConfigurationIsNotHandedOut() {
        let result = load(RouterSectionTests.smallest + "  worker: 1\n")
        #expect(result.configuration == nil)
        #expect(result.problems.count == 1)
    }

    @Test func whatAFurtherCheckFindsIsPartOfTheReport() throws {
        let yaml = RouterSectionTests.smallest + "  worker: 1\n"
        var files = MemoryFileReader.pki
        files["a.yaml"] = MemoryFileReader.text(yaml)
        let result = loader(files).load(path: "a.yaml") { configuration, pems in
            guard let chain = configuration.router?.tls.certificates.first?.chain, pems[chain] != nil else { return [] }
            return [chain.problem("expired")]
        }
        #expect(
            result.problems.map(\.description) == [
                "a.yaml:3:39: router.tls.certificates[0].cert_chain: the file pki/server.pem: expired",
                "a.yaml:4:3: router.worker: unknown key (did you mean \"workers\"?)",
            ]
        )
        #expect(result.configuration == nil)
    }

    @Test func aWarningOfAFurtherCheckRefusesNothing() {
        var files = MemoryFileReader.pki
        files["a.yaml"] = MemoryFileReader.text("log: { level: info }")
        let warning = ConfigurationProblem(severity: .warning, place: .wholeFile(""), message: "careful")
        let result = loader(files).load(path: "a.yaml") { _, _ in [warning] }
        #expect(result.configuration != nil)
        #expect(result.warnings.map(\.description) == ["a.yaml: warning: careful"])
    }

    @Test func onlyTheFilesOfTheRoleAreRead() throws {
        let yaml =
            RouterSectionTests.smallest
            + "agent: { authority: \"https://a\", cert_dir: c, ca_certs: run/nowhere }\n"
        #expect(load(yaml, role: .router).configuration != nil)
        #expect(load(yaml, role: .agent).configuration == nil)
        #expect(load(yaml).configuration == nil)
    }

    @Test func thousandsOfProblemsAreCutShort() {
        let keys = (0..<2000).map { "key\($0): 1\n" }.joined()
        let problems = load(keys).problems
        #expect(problems.count == 1001)
        #expect(problems.last?.message == "1000 more problems are not listed; mend the ones above first")
    }
}
