package import CountersignPKI

/// What an endpoint that is reached over TLS has to prove, and what the router shows to it; immutable.
package final class UpstreamSecurity: Sendable {
    /// The upstream's configured name, for metrics and logs; empty for an endpoint without one.
    package let name: String
    /// Verifies the endpoint's chain.
    package let verifier: DomainVerifier
    /// The names that the endpoint's certificate must carry, every one of them; never empty.
    package let expectedNames: [PeerNameRequirement]
    /// The DNS name to ask for in the handshake; `nil` for an address.
    package let serverName: String?
    /// Whether the router presents its own certificate.
    package let presentsIdentity: Bool
    /// Whether requests go in plain text to an endpoint that does not speak TLS.
    package let allowsFallback: Bool

    /// Makes the requirements of an endpoint; `nil` without a name, as any certificate of the authorities would do then.
    package init?(
        name: String,
        verifier: DomainVerifier,
        expectedNames: [PeerNameRequirement],
        serverName: String?,
        presentsIdentity: Bool,
        allowsFallback: Bool
    ) {
        guard !expectedNames.isEmpty else { return nil }
        self.name = name
        self.verifier = verifier
        self.expectedNames = expectedNames
        self.serverName = serverName
        self.presentsIdentity = presentsIdentity
        self.allowsFallback = allowsFallback
    }
}

extension UpstreamSecurity: Hashable {
    /// Whether a connection that was opened under one serves the other as well.
    package static func == (left: UpstreamSecurity, right: UpstreamSecurity) -> Bool {
        left.verifier === right.verifier && left.expectedNames == right.expectedNames
            && left.serverName == right.serverName && left.presentsIdentity == right.presentsIdentity
            && left.allowsFallback == right.allowsFallback && left.name == right.name
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(ObjectIdentifier(verifier))
        hasher.combine(expectedNames)
        hasher.combine(name)
    }
}
