/// Whose bearer tokens are good, and what they have to say.
public struct TokenIssuer: Sendable {
    /// The kinds of token, which cannot stand in for each other.
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        /// A service token of a Countersign authority, which is always bound to a certificate.
        case service
        /// A JWT-SVID.
        case svid
        /// An access token of any issuer.
        case bearer
    }

    /// The issuer's keys, which can be exchanged while the service runs.
    public var keys: TokenKeys
    /// What `iss` has to be; nil when anything is good, as with JWT-SVIDs.
    public var issuer: String?
    /// One of these has to be in `aud`.
    public var audiences: [String]
    /// The kind of the tokens.
    public var kind: Kind
    /// The trust domain that the subject of a JWT-SVID has to be of.
    public var trustDomain: String?
    /// How far clocks may be apart, in seconds: 0 to 300.
    public var skewSeconds: Int64 = 30
    /// The longest lifetime of a token, in seconds: 1 to 30 days.
    public var maximumLifetimeSeconds: Int64 = 86_400

    /// Takes the parts.
    ///
    /// - Parameters:
    ///   - keys: the issuer's keys.
    ///   - issuer: what `iss` has to be.
    ///   - audiences: one of these has to be in `aud`.
    ///   - kind: the kind of the tokens.
    ///   - trustDomain: the trust domain that the subject of a JWT-SVID has to be of.
    public init(
        keys: TokenKeys,
        issuer: String?,
        audiences: [String],
        kind: Kind = .bearer,
        trustDomain: String? = nil
    ) {
        self.keys = keys
        self.issuer = issuer
        self.audiences = audiences
        self.kind = kind
        self.trustDomain = trustDomain
    }
}
