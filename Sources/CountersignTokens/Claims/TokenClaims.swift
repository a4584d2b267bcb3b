package import CountersignJSON

/// What a token says, as far as it is understood here (RFC 7519 section 4.1, RFC 9068 section 2.2, RFC 8705 section 3.1).
package struct TokenClaims: Sendable, Hashable {
    /// `iss`: who made the token.
    package let issuer: String?
    /// `sub`: whom it is about.
    package let subject: String?
    /// `aud`: whom it is for; at least one.
    package let audiences: [String]
    /// `exp`: the second from which it is no longer good, in Unix seconds.
    package let expiresAt: Int64
    /// `iat`: when it was made, in Unix seconds.
    package let issuedAt: Int64?
    /// `nbf`: the first second at which it is good, in Unix seconds.
    package let notBefore: Int64?
    /// `jti`: its own name.
    package let tokenID: String?
    /// `cnf`: the certificate that it is bound to.
    package let binding: CertificateBinding?
    /// `service_id`: the name of the service that it was issued to.
    package let serviceID: String?
    /// `roles`.
    package let roles: [String]
    /// `scope`, taken apart at its spaces (RFC 6749 section 3.3).
    package let scopes: [String]
    /// Everything, for what is not understood here.
    package let all: JSONValue

    /// The most audiences, roles or scopes of a token, each.
    package static let maximumValues = 64

    /// The range of the times in a token: from 1970 to the end of the year 9999, in Unix seconds.
    package static let times = Int64(0)...253_402_300_799

    /// Whether the token is for that audience; bytes count, not what looks the same.
    package func isFor(audience: String) -> Bool {
        audiences.contains { $0.utf8.elementsEqual(audience.utf8) }
    }

    /// Whether the token holds that scope.
    package func holds(scope: String) -> Bool {
        scopes.contains { $0.utf8.elementsEqual(scope.utf8) }
    }

    /// Whether the token holds that role.
    package func holds(role: String) -> Bool {
        roles.contains { $0.utf8.elementsEqual(role.utf8) }
    }
}

extension TokenClaims {
    /// Reads the claims of a payload, whose signature the caller has verified or means not to rely upon.
    ///
    /// - Throws: ``TokenRejection`` with `malformedClaims`, which says where and what would be right.
    init(payload: [UInt8]) throws(TokenRejection) {
        do throws(JSONError) {
            let document = try JSONValue(parsing: payload)
            try self.init(document, try JSONObject(document, at: "claims", known: nil, allowsNull: false))
        } catch {
            throw TokenRejection(.malformedClaims, "\(error)")
        }
    }

    private init(_ document: JSONValue, _ object: JSONObject) throws(JSONError) {
        self.issuer = try Self.text("iss", object)
        self.subject = try Self.text("sub", object)
        self.audiences = try Self.audiences(object)
        self.tokenID = try Self.text("jti", object)
        self.serviceID = try Self.text("service_id", object)
        self.roles = try object.strings("roles", atMost: Self.maximumValues) ?? []
        self.scopes = try Self.scopes(object)
        self.issuedAt = try Self.time("iat", object)
        self.notBefore = try Self.time("nbf", object)
        guard let expiresAt = try Self.time("exp", object) else {
            throw JSONError(at: "claims.exp", "it is required")
        }
        self.expiresAt = expiresAt
        self.binding = try Self.binding(object)
        self.all = document
    }

    private static func text(_ name: String, _ object: JSONObject) throws(JSONError) -> String? {
        guard let text = try object.string(name) else { return nil }
        guard !text.isEmpty else { throw object.wrong(name, "a string that is not empty") }
        return text
    }

    /// One string, or an array of them (RFC 7519 section 4.1.3).
    private static func audiences(_ object: JSONObject) throws(JSONError) -> [String] {
        if case .string(let only) = object["aud"], !only.isEmpty { return [only] }
        guard case .array = object["aud"], let several = try object.strings("aud", atMost: Self.maximumValues),
            !several.isEmpty, !several.contains("")
        else { throw object.wrong("aud", "a string, or an array of 1 to \(Self.maximumValues) of them") }
        return several
    }

    private static func scopes(_ object: JSONObject) throws(JSONError) -> [String] {
        guard let text = try object.string("scope") else { return [] }
        let scopes = text.split(separator: " ").map(String.init)
        guard scopes.count <= Self.maximumValues else { throw object.wrong("scope", "fewer scopes") }
        return scopes
    }

    /// RFC 7519 allows fractions; nobody needs them, and readers round them in different ways.
    private static func time(_ name: String, _ object: JSONObject) throws(JSONError) -> Int64? {
        guard let value = object[name] else { return nil }
        guard case .number(let seconds) = value, Self.times.contains(seconds) else {
            throw object.wrong(name, "whole Unix seconds from \(Self.times.lowerBound) to \(Self.times.upperBound)")
        }
        return seconds
    }

    private static func binding(_ object: JSONObject) throws(JSONError) -> CertificateBinding? {
        guard let confirmation = try object.object("cnf", known: nil) else { return nil }
        guard case .object(let members)? = object["cnf"], members.count == 1,
            let text = try confirmation.string(CertificateBinding.member)
        else {
            // To a key in another way, as RFC 9449 has it, alone or as well: to leave that out of account would undo it.
            throw JSONError(at: "claims.cnf", "the token is bound in a way that is not supported; x5t#S256 alone is")
        }
        guard let binding = CertificateBinding(thumbprint: text) else {
            throw confirmation.wrong(
                CertificateBinding.member,
                "the SHA-256 digest of a certificate in 43 characters of base64url without padding"
            )
        }
        return binding
    }
}
