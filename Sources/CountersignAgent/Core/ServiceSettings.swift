package import CountersignIssuance

/// What the agent does for one service.
package struct ServiceSettings: Sendable, Hashable {
    /// The service's name: its folder, and what the authority knows it by.
    package var name: String
    /// How its program is told of a new certificate; nil when it looks by itself.
    package var reload: ReloadAction?
    /// Whether its program is told of new revocation lists, too.
    package var followsRevocationLists = false
    /// Who may read its private key; nil for the agent's user alone.
    package var keyAccess: KeyAccess?
    /// When its certificate is renewed; nil leaves it to the authority.
    package var rule: RenewalRule?

    package init(name: String, reload: ReloadAction? = nil, rule: RenewalRule? = nil) {
        self.name = name
        self.reload = reload
        self.rule = rule
    }
}
