package import CountersignIdentity

/// A service that may have certificates, and what they may say (the service registry).
package struct ServiceRegistration: Sendable, Hashable {
    /// The service's name, unique within the authority.
    package var name: String
    /// The namespace of its SPIFFE ID.
    package var namespace: String
    /// The identity that its certificates carry.
    package var spiffeID: SPIFFEID
    /// The name of the issuance profile.
    package var profile: String
    /// The DNS names that certificates may carry; the first is the default common name's.
    package var dnsNames: [String]
    /// The IP addresses that certificates may carry.
    package var addresses: [IPAddress]
    /// The Cloud Foundry instance identity that certificates carry, where there is one.
    package var cloudFoundry: CloudFoundryIdentity?
    /// Who answers for the service.
    package var owner: String?
    /// Free labels, at most ``maximumLabels``.
    package var labels: [String: String]
    /// What its tokens may say.
    package var tokens: TokenGrant
    /// Where the registration comes from.
    package var origin: Origin

    /// Where a registration comes from.
    package enum Origin: String, Sendable, CaseIterable {
        /// The configuration file; changed there only.
        case configuration
        /// The admin API.
        case api
    }

    /// The most labels of one service.
    package static let maximumLabels = 32

    package init(
        name: String,
        namespace: String = "default",
        spiffeID: SPIFFEID,
        profile: String = "default",
        dnsNames: [String] = [],
        addresses: [IPAddress] = [],
        cloudFoundry: CloudFoundryIdentity? = nil,
        owner: String? = nil,
        labels: [String: String] = [:],
        tokens: TokenGrant = TokenGrant(),
        origin: Origin = .api
    ) {
        self.name = name
        self.namespace = namespace
        self.spiffeID = spiffeID
        self.profile = profile
        self.dnsNames = dnsNames
        self.addresses = addresses
        self.cloudFoundry = cloudFoundry
        self.owner = owner
        self.labels = labels
        self.tokens = tokens
        self.origin = origin
    }
}
