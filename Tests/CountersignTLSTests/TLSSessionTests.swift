import CountersignIdentity
import CountersignPKI
import CountersignTLS
import CountersignTransport
import Testing

/// Two sessions over the library that this target drives without its being a product: what is relied on is tried.
@Suite struct TLSSessionTests {
    private let now: Int64 = 1_800_000_000
    private let authority: IssuingAuthority
    private let stranger: IssuingAuthority

    init() throws {
        authority = try .ephemeral(trustDomain: try TrustDomain(parsing: "test.local"), now: now)
        stranger = try .ephemeral(trustDomain: try TrustDomain(parsing: "test.local"), now: now)
    }

    @Test func `both sides meet in TLS 1.3, and bytes pass both ways`() throws {
        let pair = try Pair(server: serverContext(), client: clientContext(identity(authority)))
        try pair.shakeHands()
        #expect(pair.server.versionName == "TLSv1.3")
        #expect(pair.server.cipherName.hasPrefix("TLS_AES"))
        #expect(pair.server.serverName == "server.test.local")
        #expect(pair.server.isResumed == false)
        #expect(try pair.send("ping", from: pair.client, to: pair.server) == "ping")
        #expect(try pair.send("pong", from: pair.server, to: pair.client) == "pong")
    }

    @Test func `the server knows the client that it verified`() throws {
        let pair = try Pair(server: serverContext(), client: clientContext(identity(authority)))
        try pair.shakeHands()
        #expect(pair.server.peer?.identity.spiffeID?.description == "spiffe://test.local/ns/default/sa/client")
        #expect(pair.server.peer?.leafDER == pair.server.presentedCertificates.first)
    }

    @Test func `tickets wait for what the server writes first, and come without it when they are asked for`() throws {
        var options = TLSClientOptions()
        options.keepsSessions = true
        let waiting = try Pair(server: serverContext(), client: clientContext(identity(authority), options))
        try waiting.shakeHands()
        #expect(waiting.client.takeResumption() == nil)
        #expect(try waiting.send("pong", from: waiting.server, to: waiting.client) == "pong")
        #expect(waiting.client.takeResumption() != nil)

        let asked = try Pair(server: serverContext(), client: clientContext(identity(authority), options))
        try asked.shakeHands()
        #expect(asked.server.writeTickets())
        #expect(try asked.send("", from: asked.server, to: asked.client) == "")
        #expect(asked.client.takeResumption() != nil)
    }

    @Test func `tickets are written once, and nothing in their place`() throws {
        let pair = try Pair(server: serverContext(), client: clientContext(identity(authority)))
        try pair.shakeHands()
        #expect(pair.server.writeTickets())
        let written = pair.bytesFromServer
        #expect(written > 0)
        #expect(pair.server.writeTickets())
        #expect(pair.bytesFromServer == written)
    }

    @Test func `a client without a certificate is refused`() throws {
        let pair = try Pair(server: serverContext(), client: clientContext(nil))
        let failure = #expect(throws: TLSFailure.self) { try pair.shakeHands() }
        #expect(failure?.metricLabel == "certificate_missing")
        #expect(pair.server.peer == nil)
    }

    @Test func `a client of another authority is refused with its reason, and told unknown_ca`() throws {
        let pair = try Pair(server: serverContext(), client: clientContext(identity(stranger)))
        let failure = #expect(throws: TLSFailure.self) { try pair.shakeHands() }
        #expect(["unknown_issuer", "bad_signature"].contains(failure?.metricLabel))
        #expect(pair.server.peer == nil)
    }

    @Test func `without a verifier no certificate is asked for`() throws {
        let context = try TLSContext(server: serverIdentity(), minimum: .tls12, verifier: nil, label: [1])
        let pair = try Pair(server: context, client: clientContext(identity(authority)))
        try pair.shakeHands()
        #expect(pair.server.peer == nil)
        #expect(pair.server.presentedCertificates.isEmpty)
    }

    @Test func `bytes that are no TLS fail the handshake`() throws {
        let session = try TLSSession(server: serverContext(), output: ByteQueue())
        let bytes = Array("GET / HTTP/1.1\r\n\r\n".utf8)
        bytes.withUnsafeBytes { buffer in
            session.feed(buffer)
            guard case .failed = session.handshake() else {
                Issue.record("the handshake did not fail")
                return
            }
        }
    }

    @Test func `a key of another certificate makes no context`() throws {
        var mixed = try serverIdentity()
        mixed.privateKey = try identity(authority).privateKey
        #expect(throws: TLSError.self) {
            try TLSContext(server: mixed, minimum: .tls12, verifier: nil, label: [])
        }
    }

    @Test(arguments: [("a.test.local", true), ("b.a.test.local", false), ("test.local", false), (".test.local", false)])
    func `a wildcard name covers exactly one label`(host: String, isNamed: Bool) {
        let identity = TLSIdentity(certificateChain: [], privateKey: [], dnsNames: ["*.test.local"])
        #expect(identity.names(Array(host.utf8)) == isNamed)
    }

    @Test func `a client accepts a server that has every name, and no other`() throws {
        let right = try HostName(parsing: "server.test.local")
        let wrong = try HostName(parsing: "other.test.local")
        let accepted = try Pair(
            server: serverContext(),
            client: clientContext(identity(authority)),
            expecting: [.dns(right)]
        )
        try accepted.shakeHands()
        #expect(accepted.client.peer?.dnsNames == ["server.test.local"])
        let refused = try Pair(
            server: serverContext(),
            client: clientContext(identity(authority)),
            expecting: [.dns(right), .dns(wrong)]
        )
        let failure = #expect(throws: TLSFailure.self) { try refused.shakeHands() }
        #expect(failure?.metricLabel == "name_mismatch")
        #expect(refused.client.peer == nil && refused.server.peer == nil)
    }

    @Test func `a resumed server is measured by its names again`() throws {
        let server = try serverContext()
        var options = TLSClientOptions()
        options.keepsSessions = true
        let client = try clientContext(identity(authority), options)
        let first = try Pair(server: server, client: client)
        try first.shakeHands()
        _ = try first.send("ping", from: first.server, to: first.client)
        let resumption = try #require(first.client.takeResumption())
        #expect(resumption.isSingleUse)
        #expect(first.client.takeResumption() == nil)
        let right = PeerNameRequirement.dns(try HostName(parsing: "server.test.local"))
        let again = try Pair(server: server, client: client, expecting: [right], resuming: resumption)
        try again.shakeHands()
        #expect(again.client.isResumed && again.client.peer != nil)
        let wrong = PeerNameRequirement.dns(try HostName(parsing: "other.test.local"))
        let other = try Pair(server: server, client: client, expecting: [wrong], resuming: resumption)
        let failure = #expect(throws: TLSFailure.self) { try other.shakeHands() }
        #expect(failure?.metricLabel == "name_mismatch" && other.client.peer == nil)
    }

    @Test func `sessions are kept only where that is asked for`() throws {
        let pair = try Pair(server: serverContext(), client: clientContext(identity(authority)))
        try pair.shakeHands()
        _ = try pair.send("ping", from: pair.server, to: pair.client)
        #expect(pair.client.takeResumption() == nil)
    }

    @Test func `the protocol that is offered is the one that is chosen`() throws {
        var options = TLSClientOptions()
        options.applicationProtocols = ["h2", "http/1.1"]
        let pair = try Pair(server: serverContext(), client: clientContext(identity(authority), options))
        try pair.shakeHands()
        #expect(pair.client.applicationProtocol == "http/1.1")
        let silent = try Pair(server: serverContext(), client: clientContext(identity(authority)))
        try silent.shakeHands()
        #expect(silent.client.applicationProtocol == nil)
    }

    private func serverContext() throws -> TLSContext {
        let trust = try TrustStore(pem: authority.trustBundlePEM)
        let verifier = FixedTimeVerifier(ChainVerifier(trust: trust, purpose: .client), now: now)
        return try TLSContext(
            server: serverIdentity(),
            minimum: .tls12,
            verifier: verifier,
            acceptableIssuers: trust.subjectsDER,
            label: [1]
        )
    }

    private func clientContext(
        _ identity: TLSIdentity?,
        _ options: TLSClientOptions = TLSClientOptions()
    ) throws -> TLSContext {
        let trust = try TrustStore(pem: authority.trustBundlePEM)
        return try TLSContext(
            client: identity,
            verifier: FixedTimeVerifier(ChainVerifier(trust: trust, purpose: .server), now: now),
            options: options
        )
    }

    private func serverIdentity() throws -> TLSIdentity {
        let issued = try authority.issue(.host(["server.test.local"], lifetimeSeconds: 3600), key: .p256, now: now)
        return TLSIdentity(certificateChain: issued.certificate.chainDER, privateKey: issued.key.derPKCS8)
    }

    private func identity(_ authority: IssuingAuthority) throws -> TLSIdentity {
        let profile = try CertificateProfile.workload(
            trustDomain: try TrustDomain(parsing: "test.local"),
            namespace: "default",
            service: "client"
        )
        let issued = try authority.issue(profile, key: .p256, now: now)
        return TLSIdentity(certificateChain: issued.certificate.chainDER, privateKey: issued.key.derPKCS8)
    }
}

private final class FixedTimeVerifier: TLSPeerVerifier {
    private let verifier: ChainVerifier
    private let now: Int64

    init(_ verifier: ChainVerifier, now: Int64) {
        self.verifier = verifier
        self.now = now
    }

    func verify(_ chain: UnverifiedPeerChain) -> Result<VerifiedPeer, ChainRejection> {
        verifier.verify(chain, atUnixSeconds: now)
    }
}

/// A client and a server whose wires are queues.
private final class Pair {
    let server: TLSSession
    let client: TLSSession
    private let fromServer = ByteQueue()
    private let fromClient = ByteQueue()

    init(
        server: TLSContext,
        client: TLSContext,
        expecting names: [PeerNameRequirement] = [],
        resuming resumption: TLSResumption? = nil
    ) throws {
        self.server = try TLSSession(server: server, output: fromServer)
        self.client = try TLSSession(
            client: client,
            serverName: "server.test.local",
            expecting: names,
            resuming: resumption,
            output: fromClient
        )
    }

    /// Goes on until both sides have finished; throws what the server failed with.
    func shakeHands() throws {
        var isClientDone = false
        for _ in 0..<10 {
            if !isClientDone {
                client.feed(fromServer.readable)
                switch client.handshake() {
                case .needMore: break
                case .finished: isClientDone = true
                case .failed(let failure): throw failure
                }
                fromServer.removeAll()
            }
            server.feed(fromClient.readable)
            let step = server.handshake()
            fromClient.removeAll()
            switch step {
            case .needMore: continue
            case .failed(let failure): throw failure
            case .finished:
                #expect(isClientDone)
                return
            }
        }
        Issue.record("the handshake does not end")
    }

    /// What the server has written and the client has not read.
    var bytesFromServer: Int { fromServer.count }

    func send(_ text: String, from sender: TLSSession, to receiver: TLSSession) throws -> String {
        let wire = sender === client ? fromClient : fromServer
        let isWritten = Array(text.utf8).withUnsafeBytes { sender.write($0) }
        #expect(isWritten)
        let plain = ByteQueue()
        receiver.feed(wire.readable)
        guard case .needMore = receiver.read(into: plain) else { throw TLSFailure.protocolViolation("reading ended") }
        wire.removeAll()
        return String(decoding: Array(plain.readable), as: UTF8.self)
    }
}
