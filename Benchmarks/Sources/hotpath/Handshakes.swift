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

    private static func handshakes(remembering count: Int) -> () -> Void {
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
        let client = Certificates.made {
            try TLSContext(
                client: identity(Certificates.workload),
                verifier: Verifier(ChainVerifier(trust: trust, purpose: .server), remembering: 16)
            )
        }
        return { Hotpath.expect(shakeHands(client, server), "the two accept each other") }
    }

    private static func identity(_ profile: CertificateProfile) throws -> TLSIdentity {
        let issued = try Certificates.authority.issue(profile, key: .p256, now: Certificates.now)
        return TLSIdentity(certificateChain: issued.certificate.chainDER, privateKey: issued.key.derPKCS8)
    }

    /// Whether both come to the end.
    private static func shakeHands(_ client: TLSContext, _ server: TLSContext) -> Bool {
        let (toServer, toClient) = (ByteQueue(), ByteQueue())
        guard let client = try? TLSSession(client: client, serverName: nil, output: toServer),
            let server = try? TLSSession(server: server, output: toClient)
        else { return false }
        _ = client.handshake()
        // The server's flight, then the client's, which the server has the last word on.
        for _ in 0..<2 {
            server.feed(toServer.readable)
            let step = server.handshake()
            toServer.removeAll()
            if case .finished = step { return server.peer != nil && client.peer != nil }
            client.feed(toClient.readable)
            _ = client.handshake()
            toClient.removeAll()
        }
        return false
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
