/// Whose bearer tokens are good, and what they have to say.
public struct TokenIssuer: Sendable, Hashable {
    /// The kinds of token, which cannot stand in for each other.
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        /// A service token of a Countersign authority, which is always bound to a certificate.
        case service
        /// A JWT-SVID.
        case svid
        /// An access token of any issuer.
        case bearer
    }

    /// The issuer's keys: the content of a JSON Web Key Set (RFC 7517).
    public var keySet: [UInt8]
    /// What `iss` has to be; nil when anything is good, as with JWT-SVIDs.
    public var issuer: String?
    /// One of these has to be in `aud`.
    public var audiences: [String]
    /// The kind of the tokens.
    public var kind: Kind
    /// The trust domain that the subject of a JWT-SVID has to be of.
    public var trustDomain: String?

    /// Takes the parts.
    ///
    /// - Parameters:
    ///   - keySet: the content of a JSON Web Key Set.
    ///   - issuer: what `iss` has to be.
    ///   - audiences: one of these has to be in `aud`.
    ///   - kind: the kind of the tokens.
    ///   - trustDomain: the trust domain that the subject of a JWT-SVID has to be of.
    public init(
        keySet: [UInt8],
        issuer: String?,
        audiences: [String],
        kind: Kind = .bearer,
        trustDomain: String? = nil
    ) {
        self.keySet = keySet
        self.issuer = issuer
        self.audiences = audiences
        self.kind = kind
        self.trustDomain = trustDomain
    }
}
