import CountersignFiles
public import CountersignIdentity
import CountersignPKI
import CountersignTransport

/// An authority in this process: an ephemeral one for development and tests, or an existing one from files.
///
/// In production the key of an authority belongs into `countersign authority`, and services get their certificates from its agent.
public final class CertificateAuthority: Sendable {
    /// The trust domain that it issues for.
    public let trustDomain: TrustDomain
    private let issuer: IssuingAuthority

    private init(_ issuer: IssuingAuthority, _ trustDomain: TrustDomain) {
        self.issuer = issuer
        self.trustDomain = trustDomain
    }

    /// Makes an authority that lives in memory alone: self-signed, ECDSA P-256.
    ///
    /// - Parameter trustDomain: the trust domain that it issues for; it vouches for no other.
    /// - Throws: ``ServiceIdentityError`` with `issuance` when the cryptography library refuses.
    public static func ephemeral(trustDomain: TrustDomain) throws(ServiceIdentityError) -> CertificateAuthority {
        do throws(PKIError) {
            let issuer = try IssuingAuthority.ephemeral(trustDomain: trustDomain, now: SystemClock.unixSeconds)
            return CertificateAuthority(issuer, trustDomain)
        } catch {
            throw ServiceIdentityError(.issuance, "no ephemeral authority can be made: \(error)")
        }
    }

    /// Takes an existing authority.
    ///
    /// - Parameters:
    ///   - certificatePath: its certificate in PEM, with those above it.
    ///   - keyPath: its private key in PEM: ECDSA or RSA of at least 2048 bits, in PKCS#8, SEC1 or PKCS#1; open to its owner
    ///     alone.
    ///   - trustDomain: the trust domain that it issues for.
    /// - Throws: ``ServiceIdentityError`` with `file` or `material`.
    public static func fromFiles(
        certificatePath: String,
        keyPath: String,
        trustDomain: TrustDomain
    ) throws(ServiceIdentityError) -> CertificateAuthority {
        let certificate = try ServiceFile.read(certificatePath)
        let key = try ServiceFile.readKey(keyPath, open: .nobody)
        do throws(PKIError) {
            let now = SystemClock.unixSeconds
            let issuer = try IssuingAuthority(certificatePEM: certificate, keyPEM: key, now: now)
            return CertificateAuthority(issuer, trustDomain)
        } catch {
            throw ServiceIdentityError(.material, "the authority of \(certificatePath) and \(keyPath): \(error)")
        }
    }

    /// Issues an SVID, `spiffe://{trust domain}/ns/{namespace}/sa/{service}`, with a key that is made for it.
    ///
    /// - Parameters:
    ///   - service: the service; it becomes a DNS name of the certificate as well.
    ///   - namespace: its namespace.
    ///   - lifetimeSeconds: how long the certificate is valid; cut short at the authority's own end.
    ///   - dnsNames: further DNS names.
    ///   - addresses: IP addresses.
    /// - Throws: ``ServiceIdentityError`` with `issuance`.
    public func issue(
        service: String,
        namespace: String = "default",
        lifetimeSeconds: Int64 = 3_600,
        dnsNames: [String] = [],
        addresses: [IPAddress] = []
    ) throws(ServiceIdentityError) -> WorkloadIdentity {
        let now = SystemClock.unixSeconds
        let issued: IssuedIdentity
        let trust: TrustStore
        do throws(PKIError) {
            var profile = try CertificateProfile.workload(
                trustDomain: trustDomain,
                namespace: namespace,
                service: service,
                lifetimeSeconds: lifetimeSeconds
            )
            profile.dnsNames += dnsNames.filter { !profile.dnsNames.contains($0) }
            profile.addresses = addresses
            // What is set back for slow clocks must not move the middle of a short lifetime to the past.
            profile.backdateSeconds = min(profile.backdateSeconds, lifetimeSeconds / 20)
            issued = try issuer.issue(profile, key: .p256, now: now)
            trust = try TrustStore(pem: issuer.trustBundlePEM, trustDomains: .only([trustDomain]))
        } catch {
            throw ServiceIdentityError(.issuance, "no certificate for \(service) of \(namespace): \(error)")
        }
        return try WorkloadIdentity(
            certificateChain: [issued.certificate.der] + issued.certificate.issuersDER,
            privateKey: issued.key,
            trust: trust,
            atUnixSeconds: now
        )
    }

    /// What peers need in order to trust the authority, in PEM.
    public var trustBundlePEM: String { issuer.trustBundlePEM }

    /// The last second at which the authority's certificate is valid, in Unix seconds.
    public var notAfter: Int64 { issuer.notAfter }

    /// Writes the trust bundle for peers, mode 0644; what was there is replaced in one step.
    ///
    /// - Parameter path: the file.
    /// - Throws: ``ServiceIdentityError`` with `file`.
    public func exportTrustBundle(to path: String) throws(ServiceIdentityError) {
        try ExportedFile.write(issuer.trustBundlePEM, to: path, mode: 0o644)
    }
}
