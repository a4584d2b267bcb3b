package import CountersignPKI

/// With what the authority is called: how it is recognized, and who calls.
package struct AuthorityAccess: Sendable {
    /// Who vouches for the authority.
    package var trust: TrustStore
    /// The agent's own identity; nil before it has joined.
    package var identity: HeldIdentity?

    package init(trust: TrustStore, identity: HeldIdentity?) {
        self.trust = trust
        self.identity = identity
    }
}
