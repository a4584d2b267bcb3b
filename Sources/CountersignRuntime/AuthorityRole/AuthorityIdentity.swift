import CountersignAuthority
import CountersignIdentity
import CountersignIssuance
import CountersignPKI
import CountersignTLS
import CountersignTelemetry
import Logging
import Synchronization

/// The authority's own server certificate, from itself: recorded like any other, and renewed while it serves.
final class AuthorityIdentity: Sendable {
    /// The TLS context of new connections.
    let context: TLSContextHolder
    private let engine: AuthorityEngine
    private let verifier: AuthorityPeerVerifier
    private let dnsNames: [String]
    private let addresses: [IPAddress]
    private let health: HealthState
    private let renewal = Mutex<RenewalSchedule?>(nil)

    /// Issues the first certificate.
    ///
    /// - Throws: ``AuthorityError`` or ``TLSError``.
    init(engine: AuthorityEngine, dnsNames: [String], addresses: [IPAddress], health: HealthState) throws {
        self.engine = engine
        self.dnsNames = dnsNames
        self.addresses = addresses
        self.health = health
        let trust = try TrustStore(
            pem: engine.issuer.trustBundlePEM,
            trustDomains: .only([engine.settings.trustDomain]),
            atUnixSeconds: engine.clock.now()
        )
        self.verifier = AuthorityPeerVerifier(trust: trust, revocations: engine.revocations)
        self.context = TLSContextHolder(nil)
        try renew()
    }

    /// Renews the certificate when it is due.
    func renewIfDue() {
        let now = engine.clock.now() * 1000
        guard renewal.withLock({ $0.map { now >= $0.renewAt } ?? true }) else { return }
        do {
            try renew()
            engine.metrics.rotations.child("authority", "success").add()
        } catch {
            engine.metrics.rotations.child("authority", "failure").add()
            engine.logger.warning("the server certificate is not renewed", metadata: ["reason": "\(error)"])
        }
    }

    private func renew() throws {
        let issuance = try engine.issueServerCertificate(dnsNames: dnsNames, addresses: addresses)
        guard let key = issuance.key else { return }
        let certificate = issuance.certificate
        let identity = TLSIdentity(
            certificateChain: certificate.chainDER,
            privateKey: key.derPKCS8,
            dnsNames: dnsNames
        )
        context.replace(
            try TLSContext(
                server: identity,
                minimum: .tls12,
                verifier: verifier,
                clientCertificates: .optional,
                acceptableIssuers: verifier.trust.subjectsDER,
                label: Array("countersign authority".utf8)
            )
        )
        let schedule = RenewalSchedule(
            IssuedValidity(notBefore: certificate.notBefore, notAfter: certificate.notAfter),
            rule: issuance.renewal,
            jitter: Jitter(naming: certificate.serialHex)
        )
        renewal.withLock { $0 = schedule }
        health.setIdentity(
            IdentityFacts(
                trustDomain: engine.settings.trustDomain.name,
                spiffeID: issuance.record.spiffeID ?? "",
                certificateSerial: certificate.serialHex,
                notBefore: certificate.notBefore,
                notAfter: certificate.notAfter,
                renewAt: schedule.renewAt / 1000
            )
        )
        engine.metrics.setExpiry(of: "authority", at: certificate.notAfter)
    }
}
