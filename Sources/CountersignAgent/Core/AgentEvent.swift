/// What an agent reacts to.
package enum AgentEvent: Sendable {
    /// Time has passed.
    case clock
    /// The authority answered a request for the certificate of a service, or of the agent itself.
    case answered(name: String, Result<ObtainedIdentity, AuthorityCallError>)
    /// The authority sent its trust bundle.
    case bundle(Result<[UInt8], AuthorityCallError>)
    /// The authority sent its revocation lists; nil when it hands out none.
    case revocationLists(Result<OfferedRevocationLists?, AuthorityCallError>)
    /// The consumer of a service's certificate was told of it.
    case reloaded(name: String, ReloadOutcome)
    /// The operator has other services, or other ways to tell them.
    case services([ServiceSettings])
    /// There may be another join token.
    case joinTicket
    /// An operator of the authority wants a service's certificate renewed.
    case rotate(WantedRotation)
    /// The authority says which certificates are revoked.
    case revocations(RevocationNews)
    /// The authority does not accept the agent's own certificate, the one of this serial number, where it listens for news.
    case unaccepted(AuthorityCallError, serial: String)
}
