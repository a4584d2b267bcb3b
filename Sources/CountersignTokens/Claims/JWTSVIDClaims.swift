package import CountersignIdentity
package import CountersignJSON

/// What a JWT-SVID says (SPIFFE JWT-SVID section 3).
package struct JWTSVIDClaims: Sendable, Hashable {
    /// `sub`: whose identity it is.
    package var subject: SPIFFEID
    /// `aud`: whom it is for.
    package var audiences: [String]
    /// `iat`: when it was made, in Unix seconds; nil where its issuer does not say.
    package var issuedAt: Int64?
    /// `exp`: the second from which it is no longer good, in Unix seconds.
    package var expiresAt: Int64

    /// The claims of an SVID.
    package init(subject: SPIFFEID, audiences: [String], issuedAt: Int64?, expiresAt: Int64) {
        self.subject = subject
        self.audiences = audiences
        self.issuedAt = issuedAt
        self.expiresAt = expiresAt
    }

    /// What a verified SVID says; nil for a token of another kind.
    package init?(_ token: VerifiedToken) {
        let claims = token.claims
        guard token.kind == .svid, let subject = claims.subject.flatMap({ try? SPIFFEID(parsing: $0) }) else {
            return nil
        }
        self.init(
            subject: subject,
            audiences: claims.audiences,
            issuedAt: claims.issuedAt,
            expiresAt: claims.expiresAt
        )
    }

    /// The payload.
    package var json: JSONValue {
        var members: [JSONValue.Member] = [
            .init("sub", .string(subject.description)),
            .init("aud", .audience(audiences)),
        ]
        if let issuedAt { members.append(.init("iat", .number(issuedAt))) }
        return .object(members + [.init("exp", .number(expiresAt))])
    }
}
