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

    @Test func `in one place, another caller or edition of the domain has its own all the same`() throws {
        var identities = PreparedIdentities(capacity: 1)
        let (domain, peer, other) = (try domain(), try peers.peer(), try peers.peer("other"))
        let first = identities.identity(serverName: name, domain: domain, peer: peer)

        let ofOther = identities.identity(serverName: name, domain: domain, peer: other)
        #expect(ofOther.peer === other && ofOther.headerTail != first.headerTail)

        let back = identities.identity(serverName: name, domain: domain, peer: peer)
        #expect(back.peer === peer && back.headerTail == first.headerTail)

        let silent = try self.domain(headers: CertificateHeaders([]))
        let changed = identities.identity(serverName: name, domain: silent, peer: peer)
        #expect(changed.domain === silent && changed.headerTail.isEmpty)
    }

    @Test(arguments: [1, 2, 1_024])
    func `many callers have each their own, wherever their places are`(capacity: Int) throws {
        var identities = PreparedIdentities(capacity: capacity)
        let domain = try domain()
        let callers = try (0..<8).map { try peers.peer("caller-\($0)") }
        for _ in 0..<3 {
            for caller in callers {
                let identity = identities.identity(serverName: name, domain: domain, peer: caller)
                #expect(identity.peer === caller)
                #expect(String(decoding: identity.headerTail, as: UTF8.self).contains(caller.sha256Hex))
            }
        }
    }

    @Test func `a caller under several names keeps its place, and each connection has its own name`() throws {
        var identities = PreparedIdentities(capacity: 1)
        let (domain, peer, second) = (try domain(), try peers.peer(), Array("b.example.org".utf8))
        let first = identities.identity(serverName: name, domain: domain, peer: peer)
        let named = identities.identity(serverName: second, domain: domain, peer: peer)
        #expect(named.serverName == second && named.host != first.host && named.headerTail == first.headerTail)
        #expect(identities.identity(serverName: name, domain: domain, peer: peer) === first)
    }

    @Test func `one certificate has one place, however often it is verified`() throws {
        var identities = PreparedIdentities(capacity: 64)
        let domain = try domain()
        for peer in try peers.verdicts(count: 16) {
            #expect(identities.identity(serverName: name, domain: domain, peer: peer).peer === peer)
        }
        #expect(identities.count == 1)
    }

    @Test func `what is large is not kept`() throws {
        var identities = PreparedIdentities()
        let domain = try domain()
        let large = try peers.large()
        let first = identities.identity(serverName: name, domain: domain, peer: large)
        #expect(identities.identity(serverName: name, domain: domain, peer: large) !== first)
        #expect(identities.count == 0)
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
