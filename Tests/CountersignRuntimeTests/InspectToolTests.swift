import CountersignPKI
import CountersignRuntime
import Testing

@Suite struct InspectToolTests {
    private func run(_ files: [String], json: Bool = false) -> ToolResult {
        var arguments = InspectTool.Arguments()
        arguments.files = files
        arguments.json = json
        return InspectTool.run(arguments, now: ToolFolder.now) { _, _, _, _ in [] }
    }

    @Test func `a chain with its key is shown, without the key`() throws {
        let folder = try ToolFolder()
        let leaf = try folder.leaf()
        let path = try folder.write("all.pem", leaf.certificatePEM + folder.authority.certificatePEM)
        let result = self.run([path, folder.file("ca-key.pem")])
        #expect(result.exitCode == 0)
        for line in [
            "\(path) (1 of 2)", "  SPIFFE ID        spiffe://cluster.local/ns/default/sa/web",
            "  Chain            issued by the next certificate", "Private key (not shown)",
        ] {
            #expect(result.output.contains(line + "\n"))
        }
        let secret = folder.authority.keyPEM.split(separator: "\n")[1]
        #expect(!result.output.contains(secret))
        #expect(!self.run([folder.file("ca-key.pem")], json: true).output.contains(secret))
    }

    @Test func `whether a key belongs to the certificate before it is said`() throws {
        let folder = try ToolFolder()
        let leaf = try folder.leaf()
        let own = try folder.write("own.pem", leaf.certificatePEM + leaf.keyPEM)
        #expect(self.run([own]).output.contains("the next one belongs to it"))
        let other = try folder.write("other.pem", leaf.certificatePEM + folder.authority.keyPEM)
        #expect(self.run([other]).output.contains("the next one does NOT belong to it"))
    }

    @Test func `DER and JSON`() throws {
        let folder = try ToolFolder()
        let path = try folder.write("leaf.der", folder.leaf().certificate.der)
        let result = self.run([path], json: true)
        #expect(result.output.contains("\"spiffe_id\": \"spiffe://cluster.local/ns/default/sa/web\""))
        #expect(result.output.hasPrefix("{\n  \"items\": ["))
    }

    @Test func `a live host is asked at its port, by its name`() throws {
        let folder = try ToolFolder()
        let chain = try folder.leaf().certificate.chainDER
        for (target, host, port) in [
            ("example.com:8443", "example.com", UInt16(8_443)), ("example.com", "example.com", 443),
            ("[::1]:9", "::1", 9),
        ] {
            var arguments = InspectTool.Arguments()
            arguments.connect = target
            arguments.serverName = "name.example"
            var asked: (String, UInt16, String?, Duration)?
            let result = InspectTool.run(arguments, now: ToolFolder.now) {
                asked = ($0, $1, $2, $3)
                return chain
            }
            #expect(result.exitCode == 0)
            #expect(result.output.contains("spiffe://cluster.local/ns/default/sa/web"))
            #expect(asked?.0 == host)
            #expect(asked?.1 == port)
            #expect(asked?.2 == "name.example")
            #expect(asked?.3 == .seconds(10))
        }
    }

    @Test func `what cannot be read gives exit code 2 and names the file and line`() throws {
        let folder = try ToolFolder()
        let cut = try folder.write("cut.pem", "\n-----BEGIN CERTIFICATE-----\nAAEC\n")
        let result = self.run([cut])
        #expect(result.exitCode == 2)
        #expect(result.diagnostics.contains("cut.pem:2: "))
        #expect(self.run([]).exitCode == 2)
        #expect(self.run([folder.file("absent")]).exitCode == 2)
        for target in ["", ":1", "a:b", "a:0", "a:1:2", "[::1"] {
            var arguments = InspectTool.Arguments()
            arguments.connect = target
            #expect(InspectTool.run(arguments, now: ToolFolder.now) { _, _, _, _ in [] }.exitCode == 2)
        }
    }
}
