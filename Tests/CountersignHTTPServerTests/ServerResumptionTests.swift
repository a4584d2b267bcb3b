import CountersignHTTPServer
import CountersignIdentity
import CountersignPKI
import CountersignTLS
import Glibc
import Testing

/// Sessions that a client of another make resumes.
@Suite struct ServerResumptionTests {
    private let authority: TestAuthority
    private let folder: String
    private static let reused = "Reused, TLSv1.3"

    init() throws {
        authority = try TestAuthority()
        var template = Array("/tmp/countersign-resumption-XXXXXX".utf8CString)
        folder = String(cString: try #require(mkdtemp(&template)))
        let profile = try CertificateProfile.workload(
            trustDomain: try TrustDomain(parsing: "test.local"),
            namespace: "default",
            service: "client"
        )
        let issued = try authority.issuing.issue(profile, key: .p256, now: authority.now)
        try write(issued.chainPEM + issued.keyPEM, to: "client.pem")
    }

    @Test func `a resumed session is judged by the trust of its own time`() throws {
        let verifier = LiveChainVerifier(try authority.verifier(.client))
        let server = try whoAmI(try authority.context(.required, verifier: verifier))
        defer { end(server) }
        #expect(try visit(server, "-cert \(folder)/client.pem -sess_out \(folder)/session").contains("/sa/client"))
        let certificate = "-cert \(folder)/client.pem"
        let resumed = try visit(server, "\(certificate) -sess_in \(folder)/session -sess_out \(folder)/again")
        #expect(resumed.contains(Self.reused))
        #expect(resumed.contains("/sa/client"))
        verifier.replace(try TestAuthority().verifier(.client))
        let refused = try visit(server, "-cert \(folder)/client.pem -sess_in \(folder)/again")
        #expect(!refused.contains("/sa/client"))
        #expect(!refused.contains("HTTP/1.1"))
    }

    @Test func `nobody stays nobody when a session without a certificate is resumed`() throws {
        let server = try whoAmI(try authority.context(.optional))
        defer { end(server) }
        #expect(try visit(server, "-sess_out \(folder)/session").contains("nobody"))
        let resumed = try visit(server, "-cert \(folder)/client.pem -sess_in \(folder)/session")
        #expect(resumed.contains(Self.reused))
        #expect(resumed.contains("nobody"))
    }

    private func whoAmI(_ context: TLSContext) throws -> HTTPServer {
        try HTTPServer(name: "test", listen: try loopback(), tls: ServerTLS(context: { context })) {
            .text(200, $0.peer?.identity.spiffeID?.description ?? "nobody")
        }
    }

    /// What the client shows of one visit.
    private func visit(_ server: HTTPServer, _ options: String) throws -> String {
        try write("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n", to: "request")
        let command = "openssl s_client -connect \(server.address) -ign_eof \(options) < \(folder)/request 2>&1"
        let pipe = try #require(popen("timeout 20 \(command)", "r"))
        defer { pclose(pipe) }
        var output: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while case let count = fread(&buffer, 1, buffer.count, pipe), count > 0 { output += buffer[..<count] }
        return String(decoding: output, as: UTF8.self)
    }

    private func write(_ text: String, to name: String) throws {
        let file = try #require(fopen("\(folder)/\(name)", "w"))
        fputs(text, file)
        fclose(file)
    }

    private func end(_ server: HTTPServer) {
        server.stop()
        for name in ["client.pem", "session", "again", "request"] { unlink("\(folder)/\(name)") }
        rmdir(folder)
    }
}
