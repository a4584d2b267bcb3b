import CountersignPKI
import CountersignRuntime
import Testing

@Suite struct VerifyToolTests {
    private func run(
        _ folder: ToolFolder,
        leaf: String = "leaf.pem",
        _ change: (inout VerifyTool.Arguments) -> Void = { _ in }
    ) -> ToolResult {
        var arguments = VerifyTool.Arguments(roots: [folder.file("ca.pem")], leaf: folder.file(leaf))
        change(&arguments)
        return VerifyTool.run(arguments, now: ToolFolder.now)
    }

    private func folder() throws -> ToolFolder {
        let folder = try ToolFolder()
        try folder.write("leaf.pem", folder.leaf().certificatePEM)
        return folder
    }

    @Test func `a valid chain gives exit code 0 and says for whom`() throws {
        let folder = try self.folder()
        for purpose in [nil, "server", "client"] {
            let result = self.run(folder) { $0.purpose = purpose }
            #expect(result.exitCode == 0)
            #expect(
                result.output.hasPrefix("valid: spiffe://cluster.local/ns/default/sa/web until 2026-01-31T13:00:00Z")
            )
        }
    }

    @Test func `names and identities are required`() throws {
        let folder = try self.folder()
        for (names, id, code) in [
            (["dns:web"], nil, 0), (["dns:web", "dns:other"], nil, 1), (["ip:10.0.0.1"], nil, 1),
            (["email:a@b"], nil, 1), ([], "spiffe://cluster.local/ns/default/sa/web", 0),
            ([], "spiffe://cluster.local/ns/default/sa/api", 1),
        ] as [([String], String?, Int32)] {
            let result = self.run(folder) {
                $0.names = names
                $0.spiffeID = id
            }
            #expect(result.exitCode == code)
            #expect(result.output.hasPrefix(code == 0 ? "valid: " : "not valid: name_mismatch: "))
        }
    }

    @Test func `the time decides, and one reason is given`() throws {
        let folder = try self.folder()
        let late = self.run(folder) { $0.time = "2026-01-31T14:00:00+01:00" }
        #expect(late.exitCode == 0)
        let expired = self.run(folder) { $0.time = "2026-01-31T13:00:01Z" }
        #expect(expired.exitCode == 1)
        #expect(expired.output.hasPrefix("not valid: expired: "))
        #expect(expired.output.split(separator: "\n").count == 1)
    }

    @Test func `JSON carries verdict and reason`() throws {
        let folder = try self.folder()
        let good = self.run(folder) { $0.json = true }
        #expect(good.output.contains("\"valid\": true"))
        let bad = self.run(folder) {
            $0.json = true
            $0.time = "2030-01-01T00:00:00Z"
        }
        #expect(bad.exitCode == 1)
        #expect(bad.output.contains("\"valid\": false"))
        #expect(bad.output.contains("\"reason\": \"expired\""))
    }

    @Test func `a stranger's certificate, a damaged one and a root that is none are not valid`() throws {
        let folder = try self.folder()
        let stranger = try ToolFolder()
        try folder.write("stranger.pem", stranger.leaf().certificatePEM)
        #expect(self.run(folder, leaf: "stranger.pem").output.hasPrefix("not valid: "))
        try folder.write("damaged.pem", "-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n")
        #expect(self.run(folder, leaf: "damaged.pem").output.hasPrefix("not valid: malformed: "))
        let rootless = self.run(folder) { $0.roots = [folder.file("leaf.pem")] }
        #expect(rootless.output.hasPrefix("not valid: not_authority: "))
        #expect(rootless.exitCode == 1)
    }

    @Test func `DER is read as well as PEM`() throws {
        let folder = try self.folder()
        try folder.write("leaf.der", folder.leaf().certificate.der)
        #expect(self.run(folder, leaf: "leaf.der").exitCode == 0)
    }

    @Test func `arguments that cannot be used give exit code 2 and an error`() throws {
        let folder = try self.folder()
        try folder.write("empty.pem", "")
        let changes: [(inout VerifyTool.Arguments) -> Void] = [
            { $0.roots += [folder.file("absent.pem")] }, { $0.roots = [folder.file("empty.pem")] },
            { $0.leaf = folder.file("absent.pem") }, { $0.leaf = folder.path }, { $0.time = "yesterday" },
            { $0.purpose = "both" }, { $0.names = ["web"] }, { $0.names = ["dns:a b"] }, { $0.names = ["ip:1.2.3"] },
            { $0.names = ["uri:x"] }, { $0.spiffeID = "https://a" }, { $0.maxDepth = -1 },
            { $0.revocationLists = [folder.file("empty.pem")] }, { $0.intermediates = [folder.file("absent.pem")] },
        ]
        for change in changes {
            let result = self.run(folder, change)
            #expect(result.exitCode == 2)
            #expect(result.output.isEmpty)
            #expect(result.diagnostics.hasPrefix("error: "))
        }
    }
}
