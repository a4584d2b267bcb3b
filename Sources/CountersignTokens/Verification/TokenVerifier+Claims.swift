import CountersignIdentity

extension TokenVerifier {
    /// Judges what a token says.
    ///
    /// - Throws: ``TokenRejection`` with the first reason against it.
    func check(_ claims: TokenClaims, atUnixSeconds now: Int64) throws(TokenRejection) {
        try checkPresence(claims)
        try checkTimes(claims, now)
        if let issuer = requirements.issuer {
            guard let claimed = claims.issuer, claimed.utf8.elementsEqual(issuer.utf8) else {
                throw TokenRejection(.wrongIssuer, "claims.iss: the token was made by another issuer")
            }
        }
        guard requirements.audiences.contains(where: claims.isFor(audience:)) else {
            throw TokenRejection(.wrongAudience, "claims.aud: the token is for somebody else")
        }
        try checkSubject(claims)
    }

    private func checkPresence(_ claims: TokenClaims) throws(TokenRejection) {
        let needed: [(String, Bool)] =
            switch requirements.kind {
            case .service:
                [
                    ("iss", claims.issuer != nil), ("sub", claims.subject != nil), ("iat", claims.issuedAt != nil),
                    ("jti", claims.tokenID != nil), ("service_id", claims.serviceID != nil),
                    ("cnf", claims.binding != nil),
                ]
            case .svid: [("sub", claims.subject != nil)]
            case .bearer: []
            }
        for (name, isThere) in needed where !isThere {
            throw TokenRejection(.missingClaim, "claims.\(name): it is required")
        }
    }

    private func checkTimes(_ claims: TokenClaims, _ now: Int64) throws(TokenRejection) {
        let skew = skewSeconds
        guard now < claims.expiresAt + skew else {
            throw TokenRejection(.expired, "claims.exp: the token ended \(now - claims.expiresAt) seconds ago")
        }
        if let notBefore = claims.notBefore, now + skew < notBefore {
            throw TokenRejection(.notYetValid, "claims.nbf: the token is good in \(notBefore - now) seconds")
        }
        if let issuedAt = claims.issuedAt, now + skew < issuedAt {
            throw TokenRejection(.issuedInFuture, "claims.iat: it is \(issuedAt - now) seconds in the future")
        }
        // Without a beginning, the allowance for clocks counts as well: nobody knows when the token was made.
        let lifetime = claims.issuedAt.map { claims.expiresAt - $0 } ?? (claims.expiresAt - now - skew)
        guard lifetime <= requirements.maximumLifetimeSeconds, claims.issuedAt == nil || lifetime > 0 else {
            throw TokenRejection(
                .lifetimeNotAllowed,
                "claims.exp: a lifetime of 1 to \(requirements.maximumLifetimeSeconds) seconds is accepted"
            )
        }
    }

    private func checkSubject(_ claims: TokenClaims) throws(TokenRejection) {
        guard requirements.kind == .svid || requirements.trustDomain != nil else { return }
        // Without a trust domain nobody can say whose identities the keys may speak for.
        guard let trustDomain = requirements.trustDomain, let subject = claims.subject,
            let id = try? SPIFFEID(parsing: subject), id.trustDomain == trustDomain, id.namesWorkload
        else {
            throw TokenRejection(.wrongSubject, "claims.sub: a SPIFFE ID of the trust domain is expected")
        }
    }
}
