/// Where certificates say that revocation information is found, below `public_url`.
package enum PublicPaths {
    /// The revocation list of an issuer by its key identifier.
    package static func revocationList(_ keyID: String) -> String { "/crl/\(keyID).crl" }
    /// The delta revocation list of an issuer.
    package static func deltaRevocationList(_ keyID: String) -> String { "/crl/\(keyID)-delta.crl" }
    /// The OCSP responder.
    package static let ocsp = "/ocsp"
    /// The public keys of tokens.
    package static let keySet = "/.well-known/jwks.json"
    /// What verifiers of tokens have to know of their issuer (RFC 8414 section 3).
    package static let issuerMetadata = "/.well-known/oauth-authorization-server"
    /// The SPIFFE bundle endpoint; federated domains ask the native listener for it, which has the authority's SPIFFE ID.
    package static let spiffeBundle = "/v1/spiffe-bundle"
}
