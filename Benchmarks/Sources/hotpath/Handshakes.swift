import CountersignIdentity
import CountersignPKI
import CountersignTLS
import CountersignTransport

/// Handshakes of mutual TLS 1.3, both sides of them: a client is a session as well.
enum Handshakes {
    /// With a client whose certificate was verified before.
    static func known() -> () -> Void {
        handshakes(remembering: 16)
    }

    /// With a client whose certificate is verified.
    static func newcomer() -> () -> Void {
        handshakes(remembering: 0)
    }

    /// With a client that resumes its last session, and what it is given to resume this one.
    static func resumed() -> () -> Void {
        let (client, server) = contexts(remembering: 16)
        var resumption = Meeting(client, server)?.takeResumption()
        return {
            let meeting = Meeting(client, server, resuming: resumption)
            Hotpath.expect(meeting?.isResumed == true, "the session is resumed")
            resumption = meeting?.takeResumption()
        }
    }

    private static func handshakes(remembering count: Int) -> () -> Void {
        let (client, server) = contexts(remembering: count)
        return { Hotpath.expect(Meeting(client, server) != nil, "the two accept each other") }
    }

    private static func contexts(remembering count: Int) -> (client: TLSContext, server: TLSContext) {
        let authority = Certificates.authority
        let trust = Certificates.made { try TrustStore(pem: authority.trustBundlePEM) }
        let server = Certificates.made {
            try TLSContext(
                server: identity(.host(["server.example.internal"], lifetimeSeconds: 3_600)),
                minimum: .tls12,
                verifier: Verifier(ChainVerifier(trust: trust, purpose: .client), remembering: count),
                label: [1]
            )
        }
        var options = TLSClientOptions()
        options.keepsSessions = true
        let client = Certificates.made {
            try TLSContext(
                client: identity(Certificates.workload),
                verifier: Verifier(ChainVerifier(trust: trust, purpose: .server), remembering: 16),
                options: options
            )
        }
        return (client, server)
    }

    private static func identity(_ profile: CertificateProfile) throws -> TLSIdentity {
        let issued = try Certificates.authority.issue(profile, key: .p256, now: Certificates.now)
        return TLSIdentity(certificateChain: issued.certificate.chainDER, privateKey: issued.key.derPKCS8)
    }

    /// Both sides of a connection whose handshake came to its end, and what is on its way between them.
    private struct Meeting {
        private let client: TLSSession
        private let server: TLSSession
        private let toServer = ByteQueue()
        private let toClient = ByteQueue()

        /// Nothing where one does not accept the other.
        init?(_ client: TLSContext, _ server: TLSContext, resuming resumption: TLSResumption? = nil) {
            guard
                let client = try? TLSSession(client: client, serverName: nil, resuming: resumption, output: toServer),
                let server = try? TLSSession(server: server, output: toClient)
            else { return nil }
            (self.client, self.server) = (client, server)
            guard finish(), server.peer != nil, client.peer != nil else { return nil }
        }

        var isResumed: Bool { server.isResumed }

        /// What the server gives the client to resume the session.
        func takeResumption() -> TLSResumption? {
            guard server.writeTickets() else { return nil }
            client.feed(toClient.readable)
            defer { toClient.removeAll() }
            guard case .needMore = client.read(into: ByteQueue()) else { return nil }
            return client.takeResumption()
        }

        /// Whether the handshake comes to its end.
        private func finish() -> Bool {
            _ = client.handshake()
            // The server's flight, then the client's, which the server has the last word on.
            for _ in 0..<2 {
                server.feed(toServer.readable)
                let step = server.handshake()
                toServer.removeAll()
                if case .finished = step { return true }
                client.feed(toClient.readable)
                _ = client.handshake()
                toClient.removeAll()
            }
            return false
        }
    }

    /// Judges at a fixed moment.
    private final class Verifier: TLSPeerVerifier {
        private let verifier: ChainVerifier
        private let cache: VerifiedChainCache

        init(_ verifier: ChainVerifier, remembering count: Int) {
            self.verifier = verifier
            self.cache = VerifiedChainCache(capacity: count)
        }

        func verify(_ chain: UnverifiedPeerChain) -> Result<VerifiedPeer, ChainRejection> {
            self.cache.verify(chain, with: self.verifier, atUnixSeconds: Certificates.now)
        }
    }
}
