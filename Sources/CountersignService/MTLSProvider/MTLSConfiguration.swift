/// What an ``MTLSProvider`` works by; the names in the comments are those of configuration files.
public struct MTLSConfiguration: Sendable, Hashable {
    /// `enabled`: whether mutual TLS is used at all.
    public var isEnabled = false
    /// `trust_domain`: the SPIFFE trust domain.
    public var trustDomain = "cluster.local"
    /// `service_name`: the service that the certificate is for.
    public var serviceName = "router"
    /// `namespace`: the namespace of the service.
    public var namespace = "default"
    /// Host names and IP addresses of the certificate beside the name of the service, such as `localhost`.
    public var hostNames: [String] = []
    /// `cert_ttl_secs`: how long a certificate is valid, 2 seconds to 31 days; cut short at the authority's own end.
    public var certificateLifetimeSeconds: Int64 = 3_600
    /// `ca_cert_path`: an authority's certificate in PEM, with those above it; an ephemeral authority is made without it.
    public var authorityCertificatePath: String?
    /// `ca_key_path`: the private key of that authority in PEM.
    public var authorityKeyPath: String?
    /// `trust_bundle_path`: where the trust bundle is written for peers.
    public var trustBundlePath: String?
    /// `allow_fallback`: whether a client may speak plain HTTP to an endpoint that speaks no TLS.
    public var allowsFallback = false
    /// `verify_hostname`: whether a server's certificate has to carry the host name that was called.
    public var verifiesHostName = true

    /// A configuration with the defaults.
    public init() {}

    /// A configuration that is turned on, with the defaults beside these.
    ///
    /// - Parameters:
    ///   - trustDomain: the SPIFFE trust domain.
    ///   - serviceName: the service that the certificate is for.
    ///   - namespace: the namespace of the service.
    public init(trustDomain: String, serviceName: String, namespace: String = "default") {
        self.isEnabled = true
        self.trustDomain = trustDomain
        self.serviceName = serviceName
        self.namespace = namespace
    }

    /// What ``certificateLifetimeSeconds`` may be.
    public static let lifetimes: ClosedRange<Int64> = 2...(31 * 86_400)
}
