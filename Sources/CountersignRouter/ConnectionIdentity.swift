import CountersignForwarding
import CountersignIdentity
import CountersignPKI
import CountersignPolicy
import CountersignTelemetry
import Glibc

/// What a connection proved in its handshake, prepared once for all requests, and for all connections that prove the same.
final class ConnectionIdentity {
    /// The server name of the handshake, normalised; empty when none was sent.
    let serverName: [UInt8]
    /// The same, ready to be compared with the Host of each request.
    let host: HostName?
    /// The mTLS domain that the handshake was for.
    let domain: MutualTLSDomain?
    /// The verified client; once the handshake is over, always present when ``domain`` is.
    let peer: VerifiedPeer?
    let caller: Caller
    /// What may pass of incoming identity headers.
    let forwarding: ForwardingPlan
    /// The header lines that tell backends who calls and from where, each with its CRLF.
    let headerTail: [UInt8]
    /// The edition of the trust anchors that ``peer`` was verified against.
    let trustEpoch: UInt64
    /// What the access log says of the caller, once it was asked for.
    private var callerLog: AccessLogFragment?

    /// Prepares a connection: before its handshake without a peer, after it with the one that was verified, and again
    /// when the domain was exchanged or the peer was verified under new trust anchors.
    init(serverName: [UInt8], domain: MutualTLSDomain?, peer: VerifiedPeer?) {
        self.serverName = serverName
        host = HostName(serverName: serverName.span)
        self.domain = domain
        self.peer = peer
        trustEpoch = domain?.verifier.trustEpoch ?? 0
        guard let domain, let peer else {
            caller = .anonymous
            forwarding = .removeAll
            headerTail = []
            return
        }
        caller = .verified(peer.identity)
        forwarding = domain.forwardedClientCert.plan(clientCertificateVerified: true)
        var tail: [UInt8] = []
        if forwarding.setsVerifiedCertificate {
            for header in domain.certificateHeaders.headers(for: ForwardedCertificate(peer)) {
                header.append(to: &tail)
            }
        }
        headerTail = tail
    }

    /// The same client of the same domain under another server name.
    init(_ other: ConnectionIdentity, serverName: [UInt8]) {
        self.serverName = serverName
        host = HostName(serverName: serverName.span)
        domain = other.domain
        peer = other.peer
        caller = other.caller
        forwarding = other.forwarding
        headerTail = other.headerTail
        trustEpoch = other.trustEpoch
        callerLog = other.callerLog
    }

    /// Whether the Host of a request is the server name of the handshake.
    func isNamed(_ hostHeader: Span<UInt8>) -> Bool {
        // Most clients write the normal form; other spellings take the longer way.
        isNamed(normalised: hostHeader) || host?.matches(hostHeader: hostHeader) ?? false
    }

    /// Whether a host in its normal form is the server name of the handshake; never where there was none.
    func isNamed(normalised name: Span<UInt8>) -> Bool {
        guard name.count == serverName.count else { return false }
        return unsafe name.withUnsafeBytes { left in
            unsafe serverName.withUnsafeBytes { right in
                guard let first = left.baseAddress, let second = right.baseAddress else { return false }
                // SAFETY: both have as many bytes.
                return unsafe memcmp(first, second, left.count) == 0
            }
        }
    }

    /// What each access log line says of the caller.
    func callerLog(_ form: AccessLogForm) -> AccessLogFragment {
        if let callerLog, callerLog.form == form { return callerLog }
        var fragment = AccessLogFragment(form)
        if let peer {
            let fields = peer.identity.logFields
            fragment.add(.callerCFApp, fields.app ?? "")
            fragment.add(.callerCFSpace, fields.space ?? "")
            fragment.add(.callerCFOrg, fields.organization ?? "")
            fragment.add(.callerSPIFFEID, fields.spiffeID ?? "")
            if !peer.identity.isIdentified { fragment.add(.callerSubject, peer.subjectRFC2253) }
        }
        callerLog = fragment
        return fragment
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
