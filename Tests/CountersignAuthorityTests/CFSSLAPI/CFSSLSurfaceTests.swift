import CountersignAuthority
import CountersignHTTPClient
import CountersignHTTPServer
import CountersignIssuance
import CountersignJSON
import CountersignPKI
import CountersignTransport
import Testing

@Suite struct CFSSLSurfaceTests {
    private static let key = CFSSLKey(name: "current", hexadecimal: String(repeating: "0f", count: 16))
    private static let previous = CFSSLKey(name: "before", hexadecimal: String(repeating: "1e", count: 16))

    private let authority: TestAuthority
    private let server: HTTPServer
    private let client: HTTPClient

    init() throws {
        authority = try TestAuthority()
        var settings = CFSSLSettings()
        settings.allowsUnauthenticated = true
        settings.profileKeys["guarded"] = .init(current: try #require(Self.key), previous: Self.previous)
        let loopback = try #require(SocketAddress(numericHost: "127.0.0.1", port: 0))
        server = try HTTPServer(
            name: "cfssl",
            listen: loopback,
            router: try CFSSLSurface(engine: authority.engine, settings: settings).makeRouter()
        )
        client = HTTPClient(HTTPEndpoint(host: "127.0.0.1", port: server.address.port))
    }

    private func post(_ endpoint: String, _ content: JSONValue) throws -> (status: Int, body: JSONObject) {
        let body = Array(content.compact.utf8)
        let answer = try client.request("POST", "/api/v1/cfssl/\(endpoint)", body: body)
        return (answer.status, try JSONObject(try JSONValue(parsing: answer.body), known: nil))
    }

    private func code(_ answer: (status: Int, body: JSONObject)) throws -> Int64? {
        try answer.body.objects("errors", known: nil)?.first?.integer("code")
    }

    private func sign(_ commonName: String, profile: String? = nil) throws -> JSONValue {
        var members: [JSONValue.Member] = [
            .init("certificate_request", .string(try TestAuthority.request(commonName: commonName).pem))
        ]
        if let profile { members.append(.init("profile", .string(profile))) }
        return .object(members)
    }

    private func authenticated(_ request: JSONValue, with key: CFSSLKey?) throws -> JSONValue {
        let content = Array(request.compact.utf8)
        let token = try #require(key).token(for: content)
        func base64(_ bytes: [UInt8]) -> JSONValue { .string(String(decoding: Base64.encode(bytes), as: UTF8.self)) }
        return .object([.init("token", base64(token)), .init("request", base64(content))])
    }

    @Test func `a certificate is recorded before it is handed out`() throws {
        let answer = try post("sign", try sign("web"))
        let pem = try #require(try answer.body.object("result", known: ["certificate"])?.string("certificate"))
        let record = try #require(authority.inventory.issued.first)
        #expect(answer.status == 200 && PEMBlock.text(label: "CERTIFICATE", der: record.der) == pem)
        #expect(record.channel == .cfssl && record.requester == "local/cfssl" && record.service == "web")
    }

    @Test func `nothing is handed out that could not be recorded`() throws {
        authority.inventory.fail(with: StoreError(.unavailable, "the disk is full"))
        let answer = try post("sign", try sign("web"))
        let found = try code(answer)
        #expect(answer.status == 503 && found == 11000 && answer.body["result"] == nil)
        authority.inventory.fail(with: nil)
        #expect(try post("sign", try sign("web")).status == 200)
    }

    @Test func `a token is used up by a certificate, and not by a failure of the store`() throws {
        let request = try authenticated(try sign("ledger", profile: "guarded"), with: Self.key)
        authority.inventory.fail(with: StoreError(.unavailable, "the disk is full"))
        #expect(try post("authsign", request).status == 503)
        authority.inventory.fail(with: nil)
        #expect(try post("authsign", request).status == 200)
        #expect(try post("authsign", request).status == 400)
        #expect(authority.inventory.issued.map(\.requester) == ["key/current"])
    }

    @Test func `a token is still refused at the end of the time in which its timestamp is good`() throws {
        let request = try authenticated(try sign("ledger", profile: "guarded"), with: Self.previous)
        #expect(try post("authsign", request).status == 200)
        authority.advance(599)
        #expect(try post("authsign", request).status == 400)
    }

    @Test func `the key of a profile is needed although the registration names the profile`() throws {
        #expect(try post("sign", try sign("ledger")).status == 400)
        #expect(try post("sign", try sign("ledger", profile: "guarded")).status == 400)
        #expect(try post("authsign", try authenticated(try sign("ledger"), with: Self.key)).status == 400)
        #expect(authority.inventory.issued.isEmpty)
        let named = try authenticated(try sign("ledger", profile: "guarded"), with: Self.key)
        #expect(try post("authsign", named).status == 200)
    }

    @Test func `refusals are in the audit trail`() throws {
        #expect(try code(try post("sign", try sign("unknown"))) == 5500)
        let line = try #require(authority.inventory.trail.first)
        #expect(line.action == "certificate.issue" && line.outcome == .refused && line.actor == "local/cfssl")
        #expect(line.address == "127.0.0.1" && line.target == "service/unknown")
    }

    @Test func `the audit trail cannot be filled by tokens that are made up`() throws {
        for _ in 0..<60 {
            let request = try authenticated(
                try sign("ledger", profile: "guarded"),
                with: CFSSLKey(
                    name: "else",
                    hexadecimal: String(repeating: "77", count: 16)
                )
            )
            #expect(try post("authsign", request).status == 400)
        }
        #expect((1...20).contains(authority.inventory.trail.count))
    }

    @Test func `what nobody publishes is not served`() throws {
        #expect(try client.request("GET", "/api/v1/cfssl/crl").status == 404)
    }
}
