public import CountersignIdentity

/// What a certificate is to say about its holder, and for how long.
public struct CertificateProfile: Sendable, Hashable {
    /// The common name (CN), where there is one.
    public var commonName: String?
    /// The countries (C), two letters each.
    public var countries: [String] = []
    /// The organizations (O).
    public var organizations: [String] = []
    /// The organizational units (OU) besides those of ``cloudFoundry``.
    public var organizationalUnits: [String] = []
    /// The Cloud Foundry instance, written as `OU=organization:…`, `OU=space:…` and `OU=app:…`.
    public var cloudFoundry: CloudFoundryIdentity?
    /// The SPIFFE ID, the only URI name that a certificate gets.
    public var spiffeID: SPIFFEID?
    /// The DNS names; a wildcard may stand as the whole first label.
    public var dnsNames: [String] = []
    /// The IP addresses.
    public var addresses: [IPAddress] = []
    /// What the key is for.
    public var usage = Usage.both
    /// Where the issuer's revocation list is to be had, as `http:` URIs.
    public var revocationListURIs: [String] = []
    /// Where the issuer answers OCSP, as `http:` URIs.
    public var ocspURIs: [String] = []
    /// How long the certificate is valid from now, in seconds; cut short at the issuer's own end.
    public var lifetimeSeconds: Int64
    /// How far before now validity begins, in seconds, for peers whose clocks are behind.
    public var backdateSeconds: Int64 = 30

    /// The purposes of a key.
    public enum Usage: String, Sendable, CaseIterable {
        /// TLS servers and clients.
        case both
        /// TLS servers.
        case server
        /// TLS clients.
        case client
    }

    /// The longest lifetime, in seconds: ten years.
    public static let maximumLifetimeSeconds: Int64 = 10 * 366 * 86_400

    /// The most names that a certificate gets.
    public static let maximumNames = 100

    /// A profile without any name yet.
    ///
    /// - Parameter lifetimeSeconds: How long the certificate is valid from now, in seconds.
    public init(lifetimeSeconds: Int64) {
        self.lifetimeSeconds = lifetimeSeconds
    }

    /// A workload: `spiffe://{trust domain}/ns/{namespace}/sa/{service}`, with the service's name as CN and DNS name.
    ///
    /// - Throws: ``PKIError`` with `invalidProfile` when a part cannot be in a SPIFFE ID.
    public static func workload(
        trustDomain: TrustDomain,
        namespace: String,
        service: String,
        lifetimeSeconds: Int64 = 3_600
    ) throws(PKIError) -> CertificateProfile {
        var profile = CertificateProfile(lifetimeSeconds: lifetimeSeconds)
        do {
            profile.spiffeID = try .workload(trustDomain: trustDomain, namespace: namespace, serviceAccount: service)
        } catch {
            throw PKIError(.invalidProfile, error.message)
        }
        profile.commonName = service
        if (try? HostPattern(parsing: service)) != nil { profile.dnsNames = [service] }
        return profile
    }

    /// A service: `spiffe://{trust domain}/service/{name}`, with the name as CN and DNS name.
    ///
    /// - Throws: ``PKIError`` with `invalidProfile` when the name cannot be in a SPIFFE ID.
    public static func service(
        trustDomain: TrustDomain,
        name: String,
        lifetimeSeconds: Int64 = 3_600
    ) throws(PKIError) -> CertificateProfile {
        var profile = CertificateProfile(lifetimeSeconds: lifetimeSeconds)
        do {
            profile.spiffeID = try .service(trustDomain: trustDomain, name: name)
        } catch {
            throw PKIError(.invalidProfile, error.message)
        }
        profile.commonName = name
        if (try? HostPattern(parsing: name)) != nil { profile.dnsNames = [name] }
        return profile
    }

    /// A Cloud Foundry app instance: its GUIDs in organizational units, the instance's GUID as CN and DNS name.
    public static func cloudFoundry(
        _ identity: CloudFoundryIdentity,
        instance: String,
        lifetimeSeconds: Int64 = 86_400
    ) -> CertificateProfile {
        var profile = CertificateProfile(lifetimeSeconds: lifetimeSeconds)
        profile.cloudFoundry = identity
        profile.commonName = instance
        if (try? HostPattern(parsing: instance)) != nil { profile.dnsNames = [instance] }
        return profile
    }

    /// A TLS server or client known by DNS names, the first of which is the CN.
    public static func host(_ dnsNames: [String], lifetimeSeconds: Int64) -> CertificateProfile {
        var profile = CertificateProfile(lifetimeSeconds: lifetimeSeconds)
        profile.dnsNames = dnsNames
        // RFC 5280 allows 64 characters in a common name; a longer name lives in the alternative names alone.
        profile.commonName = dnsNames.first.flatMap { $0.utf8.count <= Self.maximumAttributeLength ? $0 : nil }
        return profile
    }

    /// The longest value of a subject attribute, in characters (RFC 5280 appendix A.1).
    static let maximumAttributeLength = 64
}
