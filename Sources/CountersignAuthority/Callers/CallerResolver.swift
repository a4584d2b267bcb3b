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
        let registry = self.registry
        if let role = settings.administrators[id] {
            return Caller(.administrator(name: id.description, role: role), address: address)
        }
        if let service = registry.service(withID: id) { return Caller(.service(service.name), address: address) }
        let segments = id.path.split(separator: "/")
        if segments.count == 2, segments[0] == "agent" {
            let name = String(segments[1])
            guard registry.agents[name] != nil else {
                throw AuthorityError(.unauthenticated, "the agent '\(name)' was removed; it has to join again")
            }
            return Caller(.agent(name), address: address)
        }
        return Caller(.workload(id), address: address)
    }
}
