import CountersignHTTPClient
import CountersignHTTPServer
import CountersignIdentity
import CountersignPKI
import CountersignTLS
import CountersignTransport
import Testing

/// Who gets in over TLS, who does not, and what changes while connections are open.
@Suite struct ServerTLSTests {
    private let authority: TestAuthority
    private let stranger: TestAuthority
    private let failures = Box<TLSFailure>()

    init() throws {
        authority = try TestAuthority()
        stranger = try TestAuthority()
    }

    @Test func `a client whose certificate is required and good is known`() throws {
        let server = try whoAmI(try authority.context(.required))
        defer { server.stop() }
        let response = try call(server, try authority.clientIdentity("orders"))
        #expect(response.status == 200)
        #expect(String(decoding: response.body, as: UTF8.self) == "spiffe://test.local/ns/default/sa/orders\n")
    }

    @Test func `a required certificate that is missing, strange or expired is refused`() throws {
        let server = try whoAmI(try authority.context(.required))
        defer { server.stop() }
        for (identity, label) in [
            (nil, ["certificate_missing"]), (try stranger.clientIdentity(), ["unknown_issuer", "bad_signature"]),
            (try authority.clientIdentity(age: 7200), ["expired"]),
        ] {
            let error = #expect(throws: HTTPClientError.self) { try call(server, identity) }
            #expect(error?.code == .tlsRefused)
            #expect(error?.message.contains("certificate") == true)
            #expect(label.contains(try failures.take().metricLabel))
        }
    }

    @Test func `an optional certificate may be missing, but not bad`() throws {
        let server = try whoAmI(try authority.context(.optional))
        defer { server.stop() }
        #expect(String(decoding: try call(server, nil).body, as: UTF8.self) == "nobody\n")
        let known = try call(server, try authority.clientIdentity("orders"))
        #expect(String(decoding: known.body, as: UTF8.self).hasSuffix("/sa/orders\n"))
        for identity in [try stranger.clientIdentity(), try authority.clientIdentity(age: 7200)] {
            let error = #expect(throws: HTTPClientError.self) { try call(server, identity) }
            #expect(error?.code == .tlsRefused)
            #expect(try failures.take().metricLabel != "certificate_missing")
        }
    }

    @Test func `without a verifier nobody is asked for a certificate`() throws {
        let server = try whoAmI(try authority.context())
        defer { server.stop() }
        let response = try call(server, try authority.clientIdentity("orders"))
        #expect(String(decoding: response.body, as: UTF8.self) == "nobody\n")
    }

    @Test func `bytes that are no TLS get nothing`() throws {
        let server = try whoAmI(try authority.context())
        defer { server.stop() }
        let client = try RawClient(server.address)
        client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n")
        #expect(try client.readToEnd()?.contains("HTTP/1.1 200") != true)
        #expect(try failures.take().metricLabel == "protocol")
    }

    @Test func `a handshake that does not go on is ended`() throws {
        var settings = HTTPServerSettings()
        settings.handshakeTime = .milliseconds(60)
        let context = try authority.context()
        let failures = failures
        let tls = ServerTLS(context: { context }, onFailure: { failures.put($1) })
        let server = try HTTPServer.echo(tls: tls, settings: settings)
        defer { server.stop() }
        _ = try RawClient(server.address).readToEnd()
        #expect(try failures.take().metricLabel == "handshake_timeout")
    }

    @Test func `a new identity serves new connections, and old ones go on`() throws {
        let holder = TLSContextHolder(try authority.context())
        let server = try HTTPServer.echo(tls: ServerTLS(holder))
        defer { server.stop() }
        let old = HTTPClient(server.endpoint, tls: try authority.client())
        #expect(try old.request("GET", "/1").status == 200)
        holder.replace(try stranger.context())
        #expect(try old.request("GET", "/2").status == 200)
        let error = #expect(throws: HTTPClientError.self) {
            try HTTPClient(server.endpoint, tls: try authority.client()).request("GET", "/3")
        }
        #expect(error?.code == .tlsRejected)
        let new = HTTPClient(server.endpoint, tls: try stranger.client())
        #expect(try new.request("GET", "/4").status == 200)
        holder.replace(nil)
        #expect(throws: HTTPClientError.self) {
            try HTTPClient(server.endpoint, tls: try stranger.client()).request("GET", "/5")
        }
        #expect(try new.request("GET", "/6").status == 200)
    }

    @Test func `a client that is no longer trusted is turned away at its next request`() throws {
        let verifier = LiveChainVerifier(try authority.verifier(.client))
        let server = try whoAmI(try authority.context(.required, verifier: verifier))
        defer { server.stop() }
        let client = HTTPClient(server.endpoint, tls: try authority.client(try authority.clientIdentity()))
        #expect(try client.request("GET", "/1").status == 200)
        verifier.replace(try authority.verifier(.client))
        #expect(try client.request("GET", "/2").status == 200)
        verifier.replace(try stranger.verifier(.client))
        // The kept connection is answered with 421; the new one that the client then makes is refused.
        let error = #expect(throws: HTTPClientError.self) { try client.request("GET", "/3") }
        #expect(error?.code == .tlsRefused)
        for _ in 0..<2 { #expect(try failures.take().metricLabel != "certificate_missing") }
    }

    @Test func `a client that is no longer trusted loses its stream, another keeps it`() throws {
        let verifier = LiveChainVerifier(try authority.verifier(.client))
        let context = try authority.context(.required, verifier: verifier)
        let box = Box<Pending>()
        let server = try HTTPServer.boxed(box, tls: ServerTLS(context: { context }))
        defer { server.stop() }
        let client = HTTPClient(server.endpoint, tls: try authority.client(try authority.clientIdentity()))
        let ends = Box<StreamEnd>()
        let opened = Box<ClientStream?>()
        try onThread { opened.put(try? client.openStream("GET", "/")) }
        let stream = try box.take().responder.openStream(contentType: "x/y") { ends.put($0) }
        let reader = try #require(try opened.take())
        verifier.replace(try authority.verifier(.client))
        server.recheckPeers()
        stream?.write(Array("still\n".utf8))
        #expect(try reader.nextLine(within: .seconds(60)) == Array("still".utf8))
        verifier.replace(try stranger.verifier(.client))
        server.recheckPeers()
        #expect(try ends.take() == .peerGone)
        #expect(throws: HTTPClientError.self) { try reader.nextLine(within: .seconds(60)) }
    }

    @Test func `large answers and requests pass`() throws {
        let content = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        var settings = HTTPServerSettings()
        settings.maximumBody = content.count
        let context = try authority.context()
        let tls = ServerTLS(context: { context })
        let server = try HTTPServer(name: "test", listen: try loopback(), tls: tls, settings: settings) { request in
            ServerResponse(status: 200, contentType: "", body: request.body)
        }
        defer { server.stop() }
        let client = HTTPClient(server.endpoint, tls: try authority.client())
        for _ in 0..<3 { #expect(try client.request("POST", "/", body: content).body == content) }
    }

    /// A server that answers with the caller's SPIFFE ID.
    private func whoAmI(_ context: TLSContext) throws -> HTTPServer {
        let failures = failures
        let tls = ServerTLS(context: { context }, onFailure: { failures.put($1) })
        return try HTTPServer(name: "test", listen: try loopback(), tls: tls) { request in
            .text(200, request.peer?.identity.spiffeID?.description ?? "nobody")
        }
    }

    private func call(_ server: HTTPServer, _ identity: TLSIdentity?) throws -> ClientResponse {
        try HTTPClient(server.endpoint, tls: try authority.client(identity)).request("GET", "/")
    }
}
