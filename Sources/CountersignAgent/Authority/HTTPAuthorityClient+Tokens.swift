import CountersignHTTPClient
import CountersignJSON

extension HTTPAuthorityClient {
    /// Has a JWT-SVID made for a service of the agent's.
    ///
    /// - Returns: the token in compact form: a secret.
    /// - Throws: ``AuthorityCallError``.
    package func tokenSVID(service: String, audiences: [String]) throws(AuthorityCallError) -> String {
        let order = JSONValue.object([
            .init("service", .string(service)), .init("audiences", .strings(audiences)),
        ])
        let answer = try call("POST", "/v1/jwt-svids", body: order.compactBytes)
        let token = try? JSONObject(try JSONValue(parsing: answer.body), known: nil).string("svid")
        guard let token else { throw AuthorityCallError(.malformed, "the authority's answer has no svid") }
        return token
    }

    /// Fetches the trust bundle with the keys of JWT-SVIDs (SPIFFE Trust Domain and Bundle section 4).
    ///
    /// - Throws: ``AuthorityCallError``.
    package func spiffeBundle() throws(AuthorityCallError) -> [UInt8] {
        try call("GET", "/v1/spiffe-bundle").body
    }
}
