package import CountersignPKI
package import CountersignTokens

/// What an authority is told about the tokens that it issues.
package struct TokenSettings: Sendable {
    /// `iss` of service tokens.
    package var issuer: String
    /// The lifetime of a token for which none is asked, in seconds.
    package var lifetimeSeconds: Int64 = 300
    /// The longest lifetime that may be asked for, in seconds.
    package var maximumLifetimeSeconds: Int64 = 900
    /// Whom tokens of every service may be for.
    package var audiences: [String] = []
    /// The kind of signing keys.
    package var keyKind = PrivateKey.Kind.p256
    /// When signing keys follow each other.
    package var schedule: TokenKeySchedule
    /// Tokens that one service or agent may have in a second, on average and at once.
    package var rate = RateLimit(perSecond: 50, burst: 1000)

    /// Settings with the defaults beside these: a key signs for a week and is published an hour before.
    package init(
        issuer: String,
        maximumLifetimeSeconds: Int64 = 900,
        rotationSeconds: Int64 = 7 * 86_400,
        leadSeconds: Int64 = 3_600
    ) {
        self.issuer = issuer
        self.maximumLifetimeSeconds = maximumLifetimeSeconds
        self.lifetimeSeconds = min(300, maximumLifetimeSeconds)
        self.schedule = TokenKeySchedule(
            rotationSeconds: rotationSeconds,
            leadSeconds: leadSeconds,
            maximumTokenSeconds: maximumLifetimeSeconds
        )
    }
}
