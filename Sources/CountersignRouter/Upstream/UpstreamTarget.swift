package import CountersignRouting
package import CountersignTransport

/// Where an endpoint is, and what it has to prove; connections are shared by endpoints that have both in common.
package struct UpstreamTarget: Sendable, Hashable {
    /// The address to connect to.
    package let address: SocketAddress
    /// What the endpoint has to prove; `nil` for one that is reached in plain text.
    package let security: UpstreamSecurity?
    /// Whether HTTP/2 is spoken with the endpoint, and not HTTP/1.1.
    package let speaksHTTP2: Bool
    /// What is presented to the endpoint in place of the process's own identity, and shares no connection with others;
    /// `nil` for the process's own.
    let identity: UpstreamIdentityHolder?
    private let addressText: String

    /// Makes the target of an endpoint; `nil` for one over TLS for which the plan has nothing, as there is no other way
    /// to it: it is never sent plain text instead.
    package init?(_ endpoint: Endpoint, at address: SocketAddress, by plan: UpstreamSecurityPlan) {
        self.address = address
        self.speaksHTTP2 = endpoint.applicationProtocol == .http2
        self.addressText = address.description
        self.identity = nil
        guard endpoint.usesTLS else {
            self.security = nil
            return
        }
        guard let security = plan.security(of: endpoint) else { return nil }
        self.security = security
    }

    /// Makes the target of an endpoint that is reached on behalf of a workload; `nil` for one over TLS without anything
    /// that it has to prove.
    init?(_ endpoint: Endpoint, at address: SocketAddress, for reach: OutgoingReach) {
        guard !endpoint.usesTLS || reach.security != nil else { return nil }
        self.address = address
        self.speaksHTTP2 = false
        self.addressText = address.description
        self.identity = reach.identity
        self.security = endpoint.usesTLS ? reach.security : nil
    }

    package static func == (left: UpstreamTarget, right: UpstreamTarget) -> Bool {
        left.addressText == right.addressText && left.speaksHTTP2 == right.speaksHTTP2
            && left.security == right.security && left.identity === right.identity
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(addressText)
        hasher.combine(speaksHTTP2)
        hasher.combine(security)
        hasher.combine(identity.map(ObjectIdentifier.init))
    }
}
