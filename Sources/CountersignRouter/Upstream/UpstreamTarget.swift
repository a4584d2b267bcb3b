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
    private let addressText: String

    /// Makes the target of an endpoint; `nil` for one over TLS for which the plan has nothing, as there is no other way
    /// to it: it is never sent plain text instead.
    package init?(_ endpoint: Endpoint, at address: SocketAddress, by plan: UpstreamSecurityPlan) {
        self.address = address
        self.speaksHTTP2 = endpoint.applicationProtocol == .http2
        self.addressText = address.description
        guard endpoint.usesTLS else {
            self.security = nil
            return
        }
        guard let security = plan.security(of: endpoint) else { return nil }
        self.security = security
    }

    package static func == (left: UpstreamTarget, right: UpstreamTarget) -> Bool {
        left.addressText == right.addressText && left.speaksHTTP2 == right.speaksHTTP2
            && left.security == right.security
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(addressText)
        hasher.combine(speaksHTTP2)
        hasher.combine(security)
    }
}
