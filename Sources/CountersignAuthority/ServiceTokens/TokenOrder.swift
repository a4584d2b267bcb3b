import CountersignIssuance
import CountersignJSON

/// What is asked of the authority in a token.
package struct TokenOrder: Sendable, Hashable {
    /// Whom the token is to be for; at least one.
    package var audiences: [String]
    /// The roles that it is to name; nil for all that the service has.
    package var roles: [String]?
    /// The scopes that it is to hold; nil for all that the service has.
    package var scopes: [String]?
    /// The lifetime, in seconds; nil for the configured one.
    package var lifetimeSeconds: Int64?
    /// The service whose identity it is to say; nil for the caller's own.
    package var service: String?

    /// The most audiences of one token.
    package static let maximumAudiences = 16

    /// An order for a token.
    package init(audiences: [String], lifetimeSeconds: Int64? = nil, service: String? = nil) {
        self.audiences = audiences
        self.lifetimeSeconds = lifetimeSeconds
        self.service = service
    }
}

extension TokenOrder {
    /// Reads `audiences`, `roles`, `scopes`, `ttl_seconds` and `service`, as far as they may be there.
    ///
    /// - Throws: ``JSONError`` that names the member.
    init(reading object: JSONObject) throws(JSONError) {
        guard let audiences = try object.strings("audiences", atMost: Self.maximumAudiences), !audiences.isEmpty,
            audiences.allSatisfy(TokenGrant.isText)
        else {
            throw object.wrong("audiences", "an array of 1 to \(Self.maximumAudiences) texts: whom the token is for")
        }
        guard Set(audiences).count == audiences.count else { throw object.wrong("audiences", "each one once") }
        self.init(
            audiences: audiences,
            lifetimeSeconds: try object.integer("ttl_seconds"),
            service: try object.string("service")
        )
        self.roles = try object.strings("roles", atMost: TokenGrant.maximumValues)
        self.scopes = try object.strings("scopes", atMost: TokenGrant.maximumValues)
    }
}
