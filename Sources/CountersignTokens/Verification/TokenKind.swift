/// The kinds of token, which cannot stand in for each other: their `typ` differs, or what they must hold.
package enum TokenKind: String, Sendable, Hashable, CaseIterable {
    /// A service token of the authority: a JWT access token (RFC 9068), `typ` `at+jwt`.
    case service
    /// A JWT-SVID (SPIFFE JWT-SVID): `typ` absent, `JWT` or `JOSE`, no other header than `alg` and `kid`, and a SPIFFE
    /// ID as its subject.
    case svid
    /// An access token of any issuer: `typ` absent, `JWT` or `at+jwt`.
    case bearer

    /// Whether a token of this kind may have that `typ`, which may leave out `application/` and is read in any case
    /// (RFC 7515 section 4.1.9); nil for a token without one.
    package func allows(type: String?) -> Bool {
        guard var type = type?.lowercased() else { return self != .service }
        if type.hasPrefix("application/") { type.removeFirst("application/".count) }
        return switch self {
        case .service: type == "at+jwt"
        case .svid: type == "jwt" || type == "jose"
        case .bearer: type == "jwt" || type == "at+jwt"
        }
    }

    /// The algorithms that tokens of this kind may be signed with: for JWT-SVIDs those of RFC 7518, without EdDSA (SPIFFE
    /// JWT-SVID section 2.1).
    package var algorithms: Set<TokenAlgorithm> {
        let all = Set(TokenAlgorithm.allCases)
        return self == .svid ? all.subtracting([.edDSA]) : all
    }

    /// The `typ` that tokens of this kind are given.
    package var type: String {
        switch self {
        case .service: "at+jwt"
        case .svid, .bearer: "JWT"
        }
    }
}
