import CountersignPKI
import CountersignRuntime
import Testing

@Suite struct IssueToolTests {
    private func run(_ folder: ToolFolder, _ change: (inout IssueTool.Arguments) -> Void) -> ToolResult {
        var arguments = IssueTool.Arguments(
            authorityCertificate: folder.file("ca.pem"),
            authorityKey: folder.file("ca-key.pem")
        )
        change(&arguments)
        return IssueTool.run(arguments, now: ToolFolder.now)
    }

    private func verifies(_ folder: ToolFolder, _ leaf: String) -> Bool {
        let arguments = VerifyTool.Arguments(roots: [folder.file("ca.pem")], leaf: folder.file(leaf))
        return VerifyTool.run(arguments, now: ToolFolder.now).exitCode == 0
    }

    @Test func `a workload's certificate, key and bundle are written, the key for its owner alone`() throws {
        let folder = try ToolFolder()
        let result = self.run(folder) {
            $0.outputDirectory = folder.file("new/web")
            $0.names.trustDomain = "cluster.local"
            $0.names.namespace = "default"
            $0.names.service = "web"
        }
        #expect(result.exitCode == 0)
        #expect(try folder.mode("new/web/key.pem") == 0o600)
        #expect(self.verifies(folder, "new/web/cert.pem"))
        #expect(try folder.read("new/web/ca.pem") == folder.authority.certificatePEM)
        let key = try PrivateKey(pem: folder.read("new/web/key.pem"))
        let chain = try CertificateChain(pem: folder.read("new/web/cert.pem"))
        #expect(key.matches(certificateDER: chain.der[0]))
        #expect(!result.output.contains("PRIVATE"))
    }

    @Test func `files that are there are kept unless told otherwise`() throws {
        let folder = try ToolFolder()
        try folder.write("key.pem", "precious")
        let outputs: (inout IssueTool.Arguments) -> Void = {
            $0.certificateOutput = folder.file("cert.pem")
            $0.keyOutput = folder.file("key.pem")
            $0.names.dnsNames = ["web.example"]
        }
        let refused = self.run(folder, outputs)
        #expect(refused.exitCode == 2)
        #expect(try folder.read("key.pem") == "precious")
        #expect(try !folder.names.contains("cert.pem"))
        let forced = self.run(folder) {
            outputs(&$0)
            $0.force = true
        }
        #expect(forced.exitCode == 0)
        #expect(try folder.mode("key.pem") == 0o600)
        #expect(try folder.names == ["ca-key.pem", "ca.pem", "cert.pem", "key.pem"])
    }

    @Test(arguments: [0o644, 0o640, 0o604]) func `an authority's key that others may read is refused`(
        _ mode: Int
    ) throws {
        let folder = try ToolFolder()
        let arguments: (inout IssueTool.Arguments) -> Void = {
            $0.outputDirectory = folder.file("out")
            $0.names.commonName = "web"
        }
        try folder.write("ca-key.pem", folder.authority.keyPEM, mode: mode)
        let refused = self.run(folder, arguments)
        #expect(refused.exitCode == 2)
        #expect(refused.diagnostics.contains("chmod 600"))
        #expect(try !folder.names.contains("out"))
        try folder.write("ca-key.pem", folder.authority.keyPEM, mode: 0o400)
        #expect(self.run(folder, arguments).exitCode == 0)
    }

    @Test func `Cloud Foundry, addresses and kinds of key`() throws {
        let folder = try ToolFolder()
        let app = "d76446a1-f429-4444-8797-be2f78b75b08"
        let result = self.run(folder) {
            $0.outputDirectory = folder.file("out")
            $0.keyKind = "p384"
            $0.names.app = app
            $0.names.space = app
            $0.names.addresses = ["127.0.0.1"]
            $0.names.lifetime = "90d"
        }
        #expect(result.exitCode == 0)
        var inspect = InspectTool.Arguments()
        inspect.files = [folder.file("out/cert.pem")]
        let shown = InspectTool.run(inspect, now: ToolFolder.now) { _, _, _, _ in [] }.output
        for text in ["App              \(app)", "IP:127.0.0.1", "ECDSA P-384", "90 days left"] {
            #expect(shown.contains(text))
        }
    }

    @Test func `an option that cannot be used gives exit code 2 and is named`() throws {
        let folder = try ToolFolder()
        let cases: [(String, (inout IssueTool.Arguments) -> Void)] = [
            ("--ttl", { $0.names.lifetime = "soon" }), ("--ttl", { $0.names.lifetime = "0d" }),
            ("--ttl", { $0.names.lifetime = "99999d" }), ("--usage", { $0.names.usage = "all" }),
            ("--key-type", { $0.keyKind = "rsa1024" }), ("--spiffe-id: ", { $0.names.spiffeID = "spiffe://a b" }),
            ("--spiffe-id: ", { $0.names.spiffeID = "spiffe://a" }), ("--service", { $0.names.service = "x" }),
            ("--namespace", { $0.names.namespace = "x" }), ("--cf-space", { $0.names.space = "x" }),
            ("--service: ", { ($0.names.trustDomain, $0.names.service) = ("a", "b c") }),
            ("--trust-domain: ", { ($0.names.trustDomain, $0.names.service) = ("A b", "c") }),
            ("--namespace: ", { ($0.names.trustDomain, $0.names.namespace, $0.names.service) = ("a", "b c", "d") }),
            ("--cf-app: ", { $0.names.app = "no guid" }), ("--ip: ", { $0.names.addresses = ["1.2.3"] }),
            ("--cf-org: ", { ($0.names.app, $0.names.cloudFoundryOrganization) = ("a", "no guid") }),
            ("--dns: ", { $0.names.dnsNames = ["web.example", "a b"] }), ("--cn: ", { $0.names.commonName = "" }),
            ("--org: ", { $0.names.organization = "a\nb" }), ("--ou: ", { $0.names.organizationalUnits = ["a", ""] }),
            ("--ou: ", { $0.names.organizationalUnits = ["app:d76446a1-f429-4444-8797-be2f78b75b08"] }),
            ("--country: ", { $0.names.country = "de" }),
            ("--crl-url: ", { $0.names.revocationListURIs = ["ldap://a"] }),
            ("--ocsp-url: ", { $0.names.ocspURIs = ["a b"] }), ("--spiffe-id", { $0.names.commonName = nil }),
            ("--out-dir", { $0.outputDirectory = nil }), ("--cert-out", { $0.certificateOutput = "x" }),
        ]
        for (option, change) in cases {
            let result = self.run(folder) {
                $0.outputDirectory = folder.file("out")
                $0.names.commonName = "web"
                change(&$0)
            }
            #expect(result.exitCode == 2, "\(result.diagnostics)")
            #expect(result.diagnostics.hasPrefix("error: ") && result.diagnostics.contains(option))
            #expect(try !folder.names.contains("out"))
        }
    }

    @Test func `a file that cannot be used gives exit code 2`() throws {
        let folder = try ToolFolder()
        let cases: [(inout IssueTool.Arguments) -> Void] = [
            { $0.authorityKey = folder.file("absent") }, { $0.request = folder.file("absent") },
            { $0.request = folder.file("ca.pem") },
        ]
        for change in cases {
            let result = self.run(folder) {
                $0.outputDirectory = folder.file("out")
                $0.names.commonName = "web"
                change(&$0)
            }
            #expect(result.exitCode == 2, "\(result.diagnostics)")
            #expect(try !folder.names.contains("out"))
        }
    }

    @Test func `outputs that are one file, or the authority's, are refused before anything is made`() throws {
        let folder = try ToolFolder()
        try folder.write("there", "precious")
        let authority = try folder.read("ca-key.pem")
        let outputs = [
            ("new", "new"), ("new", "./new"), ("there", "there"), ("ca.pem", "new"), ("new", "ca-key.pem"),
        ]
        for force in [false, true] {
            for (certificate, key) in outputs {
                let refused = self.run(folder) {
                    $0.certificateOutput = folder.file(certificate)
                    $0.keyOutput = folder.file(key)
                    $0.names.commonName = "web"
                    $0.force = force
                }
                #expect(refused.exitCode == 2)
                #expect(refused.diagnostics.contains("every file needs a place of its own"))
                #expect(!refused.diagnostics.contains("--force"))
            }
            let refused = self.run(folder) {
                $0.outputDirectory = folder.file(".")
                $0.names.commonName = "web"
                $0.force = force
            }
            #expect(refused.exitCode == 2)
            #expect(refused.diagnostics.hasPrefix("error: --out-dir: "))
        }
        #expect(try folder.names == ["ca-key.pem", "ca.pem", "there"])
        #expect(try folder.read("ca-key.pem") == authority)
        #expect(try folder.read("there") == "precious")
    }
}
