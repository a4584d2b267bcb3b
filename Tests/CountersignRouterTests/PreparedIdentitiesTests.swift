import CountersignForwarding
import CountersignIdentity
import CountersignPKI
import CountersignPolicy
import CountersignTelemetry
import Testing

@testable import CountersignRouter

@Suite struct PreparedIdentitiesTests {
    private let peers: TestPeers
    private let name = Array("a.example.org".utf8)

    init() throws {
        peers = try TestPeers()
    }

    @Test func `a client that connects again has what was prepared for it`() throws {
        var identities = PreparedIdentities()
        let (domain, peer) = (try domain(), try peers.peer())
        let first = identities.identity(serverName: name, domain: domain, peer: peer)
        #expect(identities.identity(serverName: name, domain: domain, peer: peer) === first)
        #expect(first.headerTail.starts(with: "X-Forwarded-Client-Cert: ".utf8))
    }

    @Test func `another caller, server name or edition of the domain has its own`() throws {
        var identities = PreparedIdentities()
        let (domain, peer, other) = (try domain(), try peers.peer(), try peers.peer("other"))
        let first = identities.identity(serverName: name, domain: domain, peer: peer)

        let ofOther = identities.identity(serverName: name, domain: domain, peer: other)
        #expect(ofOther.peer === other && ofOther.headerTail != first.headerTail)

        let named = identities.identity(serverName: Array("b.example.org".utf8), domain: domain, peer: peer)
        #expect(named !== first && named.serverName != first.serverName)

        let silent = try self.domain(headers: CertificateHeaders([]))
        let changed = identities.identity(serverName: name, domain: silent, peer: peer)
        #expect(changed.domain === silent && changed.headerTail.isEmpty)
    }

    @Test func `many callers have each their own, wherever their places are`() throws {
        var identities = PreparedIdentities()
        let domain = try domain()
        let callers = try (0..<8).map { try peers.peer("caller-\($0)") }
        for _ in 0..<3 {
            for caller in callers {
                #expect(identities.identity(serverName: name, domain: domain, peer: caller).peer === caller)
            }
        }
    }

    @Test func `without a verified client nothing is kept`() throws {
        var identities = PreparedIdentities()
        let domain = try domain()
        let first = identities.identity(serverName: name, domain: domain, peer: nil)
        let second = identities.identity(serverName: name, domain: domain, peer: nil)
        #expect(first !== second && first.headerTail.isEmpty)
    }

    @Test func `all is forgotten on request`() throws {
        var identities = PreparedIdentities()
        let domain = try domain()
        weak var kept: VerifiedPeer?
        do {
            let peer = try peers.peer()
            kept = peer
            _ = identities.identity(serverName: name, domain: domain, peer: peer)
        }
        #expect(kept != nil)
        identities.removeAll()
        #expect(kept == nil)
    }

    @Test func `the log is told of the caller in the form that it has`() throws {
        var identities = PreparedIdentities()
        let identity = identities.identity(serverName: name, domain: try domain(), peer: try peers.peer())
        #expect(identity.callerLog(.json).form == .json)
        #expect(identity.callerLog(.text).form == .text)
        #expect(identity.callerLog(.json).form == .json)
    }

    private func domain(headers: CertificateHeaders = CertificateHeaders([.envoy])) throws -> MutualTLSDomain {
        let verifier = ChainVerifier(trust: peers.trust, purpose: .client)
        return MutualTLSDomain(
            pattern: try HostPattern(parsing: "*.example.org"),
            name: "*.example.org",
            verifier: DomainVerifier(verifier: verifier, revoked: RevokedCertificates()),
            contexts: [],
            forwardedClientCert: .sanitizeSet,
            certificateHeaders: headers,
            policy: .plain
        )
    }
}
