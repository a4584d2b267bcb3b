import CountersignIdentity
import CountersignIssuance
package import CountersignPKI

extension AuthorityEngine {
    /// Who is behind a verified certificate: an administrator, an agent, a registered service, or some workload.
    ///
    /// - Throws: ``AuthorityError`` with `unauthenticated` when the certificate carries no SPIFFE ID of this trust
    ///   domain, is revoked, or is that of an agent that was removed.
    package func caller(_ peer: VerifiedPeer, address: String?) throws(AuthorityError) -> Caller {
        guard let id = peer.identity.spiffeID, id.trustDomain == settings.trustDomain else {
            throw AuthorityError(
                .unauthenticated,
                "the certificate has no SPIFFE ID of the trust domain \(settings.trustDomain)"
            )
        }
        guard revocations.entry(serial: peer.serialHex) == nil else {
            throw AuthorityError(.unauthenticated, "the certificate is revoked")
        }
        return Caller(try identity(of: id), address: address, credential: peer.serialHex)
    }

    private func identity(of id: SPIFFEID) throws(AuthorityError) -> Caller.Identity {
        let registry = self.registry
        if let role = settings.administrators[id] { return .administrator(name: id.description, role: role) }
        if let service = registry.service(withID: id) { return .service(service.name) }
        let segments = id.path.split(separator: "/")
        if segments.count == 2, segments[0] == "agent" {
            let name = String(segments[1])
            guard registry.agents[name] != nil else {
                throw AuthorityError(.unauthenticated, "the agent '\(name)' was removed; it has to join again")
            }
            return .agent(name)
        }
        return .workload(id)
    }
}
