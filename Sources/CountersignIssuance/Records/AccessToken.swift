/// A secret that authenticates a caller, kept as a digest: a join token of an agent or a bearer token of the admin API.
package struct AccessToken: Sendable, Hashable {
    /// The name, unique.
    package var name: String
    /// What it is good for.
    package var kind: Kind
    /// SHA-256 of the token, in lower-case hexadecimal.
    package var digest: String
    /// When it was made, in Unix seconds.
    package var createdAt: Int64
    /// Until when it is good, in Unix seconds; nil for no end.
    package var expiresAt: Int64?
    /// When a join token was used, in Unix seconds.
    package var usedAt: Int64?
    /// Who made it.
    package var creator: String

    /// What a token is good for.
    package enum Kind: Sendable, Hashable {
        /// Admits one agent, once, which may then have certificates for these services.
        case join(agent: String, services: [String])
        /// Authenticates calls of the admin API with this role, any number of times.
        case bearer(AdminRole)
    }

    package init(
        name: String,
        kind: Kind,
        digest: String,
        createdAt: Int64,
        expiresAt: Int64?,
        usedAt: Int64? = nil,
        creator: String
    ) {
        self.name = name
        self.kind = kind
        self.digest = digest
        self.createdAt = createdAt
        self.expiresAt = expiresAt
        self.usedAt = usedAt
        self.creator = creator
    }
}

/// What a caller of the admin API may do; each role may do what the ones after it may, but `service`.
package enum AdminRole: String, Sendable, CaseIterable {
    /// Everything, tokens and services among it.
    case admin
    /// Rotate, revoke, hold and release.
    case `operator`
    /// Read, the audit trail among it.
    case auditor
    /// Its own certificates only.
    case service
}

/// An agent that has joined.
package struct AgentRegistration: Sendable, Hashable {
    /// The agent's name, the last part of its SPIFFE ID.
    package var name: String
    /// The services whose certificates it may ask for.
    package var services: [String]
    /// When it joined, in Unix seconds.
    package var joinedAt: Int64

    package init(name: String, services: [String], joinedAt: Int64) {
        self.name = name
        self.services = services
        self.joinedAt = joinedAt
    }
}
