import CountersignIdentity
import CountersignIssuance
package import CountersignPKI

extension AuthorityEngine {
    /// Who is behind a verified certificate: an administrator, an agent, a registered service, or some workload.
    ///
    /// - Throws: ``AuthorityError`` with `unauthenticated` when the certificate carries no SPIFFE ID of this trust
    ///   domain, or is revoked.
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
        if segments.count == 2, segments[0] == "agent", registry.agents[String(segments[1])] != nil {
            return Caller(.agent(String(segments[1])), address: address)
        }
        return Caller(.workload(id), address: address)
    }
}
