import CountersignIdentity

/// Issues this service's own certificate from an authority in the same process, renews it, and tells how it is doing.
///
/// Without an authority's files it makes an ephemeral one, for development and tests: nothing is on disk, and no program beside
/// this one is needed. ``run()`` looks every 30 seconds, or earlier for certificates that last less than a minute, whether half of the
/// certificate's lifetime has passed, and renews it then; at once when it has expired. Connections that are open go on.
///
/// ```swift
/// let provider = try MTLSProvider(MTLSConfiguration(trustDomain: "dev.local", serviceName: "gateway"))
/// async let rotation: Void = provider.run()
/// print(provider.status().remainingSeconds)
/// ```
public final class MTLSProvider: Sendable {
    /// What it works by.
    public let configuration: MTLSConfiguration
    /// The authority; nil when mutual TLS is turned off.
    public let authority: CertificateAuthority?
    /// The identity that is shown to peers; nil when mutual TLS is turned off.
    public let source: IdentitySource?

    /// Makes the authority, or reads it, and issues the first certificate.
    ///
    /// - Parameter configuration: what it works by.
    /// - Throws: ``ServiceIdentityError`` with `setting`, `file`, `material` or `issuance`.
    public init(_ configuration: MTLSConfiguration) throws(ServiceIdentityError) {
        self.configuration = configuration
        guard configuration.isEnabled else {
            self.authority = nil
            self.source = nil
            return
        }
        let authority = try Self.authority(of: configuration)
        let follower = AuthorityFollower(authority: authority, configuration: configuration)
        self.authority = authority
        self.source = IdentitySource(try follower.issue(), follower)
        if let path = configuration.trustBundlePath { try authority.exportTrustBundle(to: path) }
    }

    /// How it is doing now.
    public func status() -> MTLSStatus { status(atUnixSeconds: SystemClock.unixSeconds) }

    /// How it is doing at a moment in Unix seconds.
    package func status(atUnixSeconds now: Int64) -> MTLSStatus {
        let identity = source?.current
        return MTLSStatus(
            enabled: configuration.isEnabled,
            trustDomain: configuration.trustDomain,
            spiffeID: identity?.spiffeID?.description ?? "",
            certificateSerial: identity?.serialNumber ?? "",
            isCertificateValid: identity?.isValid(atUnixSeconds: now) ?? false,
            remainingSeconds: UInt64(identity?.remainingSeconds(atUnixSeconds: now) ?? 0),
            needsRenewal: identity.map { $0.needsRenewal(atUnixSeconds: now) } ?? false
        )
    }

    /// Renews the certificate in time until the task is cancelled; with mutual TLS turned off it waits for that alone.
    ///
    /// - Throws: `CancellationError` at the end.
    public func run() async throws {
        guard let source else { return try await Cancellation.wait() }
        try await source.run()
    }

    /// Issues an SVID for a peer, for development and tests.
    ///
    /// - Parameters:
    ///   - service: the service.
    ///   - namespace: its namespace.
    ///   - lifetimeSeconds: how long the certificate is valid.
    /// - Throws: ``ServiceIdentityError`` with `disabled` or `issuance`.
    public func issueSVID(
        service: String,
        namespace: String = "default",
        lifetimeSeconds: Int64 = 3_600
    ) throws(ServiceIdentityError) -> WorkloadIdentity {
        guard let authority else { throw .mutualTLSIsTurnedOff }
        return try authority.issue(service: service, namespace: namespace, lifetimeSeconds: lifetimeSeconds)
    }

    private static func authority(
        of configuration: MTLSConfiguration
    ) throws(ServiceIdentityError) -> CertificateAuthority {
        let trustDomain: TrustDomain
        do throws(IdentityError) {
            trustDomain = try TrustDomain(parsing: configuration.trustDomain)
        } catch {
            throw ServiceIdentityError(.setting, "trust_domain: \(error)")
        }
        guard MTLSConfiguration.lifetimes.contains(configuration.certificateLifetimeSeconds) else {
            let range = MTLSConfiguration.lifetimes
            throw ServiceIdentityError(
                .setting,
                "cert_ttl_secs is \(configuration.certificateLifetimeSeconds); "
                    + "it may be \(range.lowerBound) to \(range.upperBound)"
            )
        }
        switch (configuration.authorityCertificatePath, configuration.authorityKeyPath) {
        case (nil, nil): return try .ephemeral(trustDomain: trustDomain)
        case (let certificate?, let key?):
            return try .fromFiles(certificatePath: certificate, keyPath: key, trustDomain: trustDomain)
        case (_?, nil): throw ServiceIdentityError(.setting, "ca_cert_path needs ca_key_path beside it")
        case (nil, _?): throw ServiceIdentityError(.setting, "ca_key_path needs ca_cert_path beside it")
        }
    }
}

extension WorkloadIdentity {
    /// Whether half of the lifetime has passed at a moment in Unix seconds.
    func needsRenewal(atUnixSeconds now: Int64) -> Bool { now >= renewalMoment }

    /// The middle of the lifetime, in Unix seconds.
    var renewalMoment: Int64 { notBefore + (notAfter - notBefore) / 2 }
}
