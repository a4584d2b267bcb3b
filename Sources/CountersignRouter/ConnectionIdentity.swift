import CountersignForwarding
import CountersignIdentity
import CountersignPKI
import CountersignPolicy

/// What one connection proved in its handshake, prepared once for all of its requests.
struct ConnectionIdentity {
    /// The server name of the handshake, normalised; empty when none was sent.
    private(set) var serverName: [UInt8] = []
    /// The same, ready to be compared with the Host of each request.
    private(set) var host: HostName?
    /// The mTLS domain that the handshake was for.
    var domain: MutualTLSDomain?
    /// The verified client; always present when ``domain`` is.
    var peer: VerifiedPeer?
    var caller = Caller.anonymous
    /// What may pass of incoming identity headers.
    var forwarding = ForwardingPlan.removeAll
    /// The header lines that tell backends who calls and from where, each with its CRLF.
    var headerTail: [UInt8] = []
    /// The edition of the trust anchors that ``peer`` was verified against.
    var trustEpoch: UInt64 = 0

    /// Prepares a connection: before its handshake without a peer, after it with the one that was verified.
    init(serverName: [UInt8], domain: MutualTLSDomain?, peer: VerifiedPeer?) {
        self.serverName = serverName
        self.host = HostName(serverName: serverName.span)
        self.domain = domain
        adopt(peer)
    }

    init() {}

    /// Takes over a peer that was verified, at first or again under new trust anchors.
    mutating func adopt(_ peer: VerifiedPeer?) {
        self.peer = peer
        trustEpoch = domain?.verifier.trustEpoch ?? 0
        guard let domain, let peer else { return }
        caller = .verified(peer.identity)
        forwarding = domain.forwardedClientCert.plan(clientCertificateVerified: true)
        headerTail = []
        guard forwarding.setsVerifiedCertificate else { return }
        for header in domain.headerFormat.headers(for: ForwardedCertificate(peer)) { header.append(to: &headerTail) }
    }
}

extension ForwardedCertificate {
    init(_ peer: VerifiedPeer) {
        self.init(
            leafDER: peer.leafDER,
            chainDER: peer.issuersDER,
            sha256Hex: peer.sha256Hex,
            subject: peer.subjectRFC2253,
            issuer: peer.issuerRFC2253,
            serialDecimal: peer.serialDecimal,
            notBefore: peer.notBefore,
            notAfter: peer.notAfter,
            uriNames: peer.uriNames,
            dnsNames: peer.dnsNames,
            emailNames: peer.emailNames,
            ipNames: peer.ipNames
        )
    }
}
