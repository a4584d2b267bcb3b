/// The authority as an agent needs it; the calls block, and may be made from several threads at once.
package protocol AuthorityClient: AnyObject, Sendable {
    /// Makes calls from now on with this trust and identity.
    func use(_ access: AuthorityAccess) throws(AuthorityCallError)

    /// Exchanges a token for the agent's own certificate, on a PKCS#10 request in PEM.
    func join(_ token: JoinToken, request: String) throws(AuthorityCallError) -> AuthorityAnswer

    /// Has the agent's own certificate renewed, by means of the one that it has.
    func renew(request: String) throws(AuthorityCallError) -> AuthorityAnswer

    /// Asks for the certificate of a service.
    func sign(service: String, request: String) throws(AuthorityCallError) -> AuthorityAnswer

    /// Fetches the trust bundle, in PEM.
    func bundle() throws(AuthorityCallError) -> [UInt8]

    /// Fetches the revocation lists of the trust domain, in PEM; nil when the authority hands out none.
    func revocationLists() throws(AuthorityCallError) -> [UInt8]?

    /// Fetches the intermediates that sign certificates and lists, in PEM.
    func intermediates() throws(AuthorityCallError) -> [UInt8]
}
