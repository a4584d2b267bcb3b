import CountersignConfiguration
import CountersignFiles
import CountersignIdentity
import CountersignPKI
import CountersignRouter
import CountersignTLS
import CountersignTelemetry
import CountersignTransport
import Glibc
import Logging
import Synchronization

/// This process's own identity, the `mtls` section: an SVID from an authority in files or from an ephemeral one.
///
/// It is renewed at half of its lifetime, looked at every 30 seconds, and at once when it has expired; the trust bundle
/// is exported for those who verify it.
final class ProcessIdentity: Sendable {
    private let authority: IssuingAuthority
    private let profile: CertificateProfile
    private let trustDomain: TrustDomain
    private let health: HealthState
    private let metrics: MTLSMetrics
    private let service: String
    private let logger: Logger
    private let current: Mutex<IssuedIdentity>
    private let holder = Mutex<UpstreamIdentityHolder?>(nil)
    private let stopped = Completion()

    /// Issues the first SVID, exports the bundle, and begins to look after both.
    ///
    /// - Throws: ``PKIError`` when no certificate can be issued, ``SystemError`` when the bundle cannot be written.
    init(
        _ section: MutualTLSSection,
        trustDomain: TrustDomain,
        authority: IssuingAuthority,
        health: HealthState,
        metrics: MTLSMetrics,
        logger: Logger
    ) throws {
        self.authority = authority
        self.trustDomain = trustDomain
        self.health = health
        self.metrics = metrics
        self.service = section.serviceName
        self.logger = logger
        self.profile = try .workload(
            trustDomain: trustDomain,
            namespace: section.namespace,
            service: section.serviceName,
            lifetimeSeconds: section.certificateLifetime.components.seconds
        )
        let first = try authority.issue(profile, key: .p256, now: Int64(time(nil)))
        self.current = Mutex(first)
        if let path = section.trustBundlePath {
            try AtomicFile.write(Array(authority.trustBundlePEM.utf8), to: path, mode: 0o644)
        }
        tell(first)
        try keepRenewing()
    }

    deinit {
        stopped.finish()
    }

    /// Has upstreams shown this identity, now and after each renewal, until ``withdraw()``.
    func present(by holder: UpstreamIdentityHolder) {
        self.holder.withLock { held in
            held = holder
            current.withLock { holder.replace(UpstreamIdentity($0)) }
        }
    }

    /// Upstreams are no longer shown what is renewed from here on.
    func withdraw() {
        holder.withLock { $0 = nil }
    }

    private func keepRenewing() throws(SystemError) {
        let stopped = self.stopped
        try spawn(name: "identity") { [weak self] in
            while !stopped.wait(upTo: .seconds(30)) {
                guard let self else { return }
                self.renewIfDue(now: Int64(time(nil)))
            }
        }
    }

    private func renewIfDue(now: Int64) {
        let held = current.withLock { $0 }
        guard now >= Self.renewalTime(held.certificate) else { return }
        do throws(PKIError) {
            let next = try authority.issue(profile, key: .p256, now: now)
            current.withLock { $0 = next }
            holder.withLock { $0?.replace(UpstreamIdentity(next)) }
            metrics.certificateRotations.child(service, "success").add()
            tell(next)
        } catch {
            metrics.certificateRotations.child(service, "failure").add()
            logger.warning("identity not renewed", metadata: ["reason": .string(error.description)])
        }
    }

    private func tell(_ identity: IssuedIdentity) {
        let certificate = identity.certificate
        health.setIdentity(
            IdentityFacts(
                trustDomain: trustDomain.name,
                spiffeID: profile.spiffeID?.description ?? "",
                certificateSerial: certificate.serialHex,
                notBefore: certificate.notBefore,
                notAfter: certificate.notAfter,
                renewAt: Self.renewalTime(certificate)
            )
        )
        metrics.certificateExpiry.child(service).set(certificate.notAfter * 1_000_000_000)
    }

    private static func renewalTime(_ certificate: IssuedCertificate) -> Int64 {
        certificate.notBefore + (certificate.notAfter - certificate.notBefore) / 2
    }
}

extension UpstreamIdentity {
    /// What an authority has just issued.
    fileprivate init(_ issued: IssuedIdentity) {
        self.init(
            identity: TLSIdentity(certificateChain: issued.certificate.chainDER, privateKey: issued.key.derPKCS8),
            notAfter: issued.certificate.notAfter
        )
    }
}
