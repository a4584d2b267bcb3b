package import CountersignIdentity
import CountersignPKI
package import CountersignRouting

/// How the endpoints of a configuration are reached over TLS: the upstreams that it names, and all others.
package struct UpstreamSecurityPlan: Sendable {
    /// What is asked of endpoints that no named upstream has, such as those that the bus announces.
    package struct Unnamed: Sendable {
        /// Verifies the endpoints' chains.
        package var verifier: DomainVerifier
        /// The trust domain that endpoints are of, where they must have a SPIFFE ID.
        package var trustDomain: TrustDomain?
        /// Whether the certificate of an endpoint without a name of its own must be for its host.
        package var verifiesHostname: Bool
        /// Whether the router presents its own certificate.
        package var presentsIdentity: Bool
        /// Whether requests go in plain text to an endpoint that does not speak TLS.
        package var allowsFallback: Bool

        package init(
            verifier: DomainVerifier,
            trustDomain: TrustDomain?,
            verifiesHostname: Bool,
            presentsIdentity: Bool,
            allowsFallback: Bool
        ) {
            self.verifier = verifier
            self.trustDomain = trustDomain
            self.verifiesHostname = verifiesHostname
            self.presentsIdentity = presentsIdentity
            self.allowsFallback = allowsFallback
        }
    }

    /// The named upstreams.
    package var named: [String: UpstreamSecurity] = [:]
    /// For endpoints without a named upstream; `nil` when there is nothing to verify them by.
    package var unnamed: Unnamed?

    /// Creates a plan by which no endpoint is reached over TLS.
    package init() {}

    /// What an endpoint over TLS has to prove; `nil` when it cannot be verified, and so must not be connected to.
    package func security(of endpoint: Endpoint) -> UpstreamSecurity? {
        if let upstream = endpoint.upstream { return named[upstream] }
        guard let unnamed else { return nil }
        var names: [PeerNameRequirement] = []
        if let text = endpoint.serverCertDomainSAN, !text.isEmpty {
            guard let name = try? PeerNameRequirement(serverCertDomainSAN: text) else { return nil }
            names = [name]
        } else {
            if let trustDomain = unnamed.trustDomain { names.append(.trustDomain(trustDomain)) }
            if unnamed.verifiesHostname {
                guard let host = PeerNameRequirement(host: endpoint.host) else { return nil }
                names.append(host)
            }
        }
        return UpstreamSecurity(
            name: "",
            verifier: unnamed.verifier,
            expectedNames: names,
            serverName: names.lazy.compactMap(\.serverName).first
                ?? PeerNameRequirement(host: endpoint.host)?.serverName,
            presentsIdentity: unnamed.presentsIdentity,
            allowsFallback: unnamed.allowsFallback
        )
    }
}
