package import CountersignIdentity
package import CountersignJSON

/// What a service token says: a JWT access token (RFC 9068) that is bound to its holder's certificate (RFC 8705).
package struct ServiceTokenClaims: Sendable, Hashable {
    /// `iss`: the authority.
    package var issuer: String
    /// `service_id` and `client_id`: the name of the service in the registry.
    package var serviceID: String
    /// `sub`: the SPIFFE ID of the service.
    package var subject: SPIFFEID
    /// `aud`: whom the token is for.
    package var audiences: [String]
    /// `roles`.
    package var roles: [String]
    /// `scope`, joined by spaces.
    package var scopes: [String]
    /// `iat` and `nbf`: when it was made, in Unix seconds.
    package var issuedAt: Int64
    /// `exp`: the second from which it is no longer good, in Unix seconds.
    package var expiresAt: Int64
    /// `jti`: its own name, never used twice.
    package var tokenID: String
    /// `cnf`: the certificate of the service.
    package var binding: CertificateBinding

    /// The claims of a token.
    package init(
        issuer: String,
        serviceID: String,
        subject: SPIFFEID,
        audiences: [String],
        roles: [String],
        scopes: [String],
        issuedAt: Int64,
        expiresAt: Int64,
        tokenID: String,
        binding: CertificateBinding
    ) {
        self.issuer = issuer
        self.serviceID = serviceID
        self.subject = subject
        self.audiences = audiences
        self.roles = roles
        self.scopes = scopes
        self.issuedAt = issuedAt
        self.expiresAt = expiresAt
        self.tokenID = tokenID
        self.binding = binding
    }

    /// What a verified service token says; nil for a token of another kind.
    package init?(_ token: VerifiedToken) {
        let claims = token.claims
        guard token.kind == .service, let issuer = claims.issuer, let serviceID = claims.serviceID,
            let subject = claims.subject.flatMap({ try? SPIFFEID(parsing: $0) }), let issuedAt = claims.issuedAt,
            let tokenID = claims.tokenID, let binding = claims.binding
        else { return nil }
        self.init(
            issuer: issuer,
            serviceID: serviceID,
            subject: subject,
            audiences: claims.audiences,
            roles: claims.roles,
            scopes: claims.scopes,
            issuedAt: issuedAt,
            expiresAt: claims.expiresAt,
            tokenID: tokenID,
            binding: binding
        )
    }

    /// The payload.
    package var json: JSONValue {
        .object([
            .init("iss", .string(issuer)),
            .init("sub", .string(subject.description)),
            .init("client_id", .string(serviceID)),
            .init("service_id", .string(serviceID)),
            .init("aud", .audience(audiences)),
            .init("roles", .strings(roles)),
            .init("scope", .string(scopes.joined(separator: " "))),
            .init("iat", .number(issuedAt)),
            .init("nbf", .number(issuedAt)),
            .init("exp", .number(expiresAt)),
            .init("jti", .string(tokenID)),
            .init("cnf", binding.confirmation),
        ])
    }
}

extension JSONValue {
    /// `aud`: a string for one audience, as many readers know no other form, and an array for several.
    static func audience(_ audiences: [String]) -> JSONValue {
        audiences.count == 1 ? .string(audiences[0]) : .strings(audiences)
    }
}
