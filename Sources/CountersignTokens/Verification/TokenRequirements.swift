package import CountersignIdentity

/// What a token has to be for somebody to accept it.
package struct TokenRequirements: Sendable {
    /// The kind of token.
    package var kind: TokenKind
    /// Who has to have made it; nil for whoever has the keys, as with JWT-SVIDs.
    package var issuer: String?
    /// Whom it may be for.
    ///
    /// It has to name one of these; with none, no token is accepted.
    package var audiences: [String]
    /// The trust domain that its subject has to be of; nil when the subject is free, which it never is for JWT-SVIDs.
    package var trustDomain: TrustDomain?
    /// The algorithms that are accepted, of those that the key is for and ``kind`` allows.
    package var algorithms: Set<TokenAlgorithm> = Set(TokenAlgorithm.allCases)
    /// How far the clocks of issuer and verifier may be apart, in seconds; counted as 0 to ``maximumSkewSeconds``.
    package var skewSeconds: Int64 = 30
    /// The longest time from `iat`, or from now for a token without one, to `exp`, in seconds.
    package var maximumLifetimeSeconds: Int64 = 24 * 3_600

    /// The most that clocks may be apart, in seconds: beyond that, a clock is wrong and not inexact.
    package static let maximumSkewSeconds: Int64 = 300

    /// Requirements with the defaults beside these.
    package init(
        _ kind: TokenKind,
        issuer: String? = nil,
        audiences: [String],
        trustDomain: TrustDomain? = nil
    ) {
        self.kind = kind
        self.issuer = issuer
        self.audiences = audiences
        self.trustDomain = trustDomain
    }
}
