import CountersignPKI
import CountersignRouter
import CountersignRouting
import CountersignTLS

/// Finds in the snapshot in force what the next one can take over.
///
/// A TLS context holds the keys of its session tickets, and a verifier the chains that it has verified: made anew, every
/// client would have to shake hands in full.
struct SnapshotReuse {
    let settings: RouterSettings
    let snapshot: RouterSnapshot

    /// The domain of the same name, when it trusts the same authorities and looks into the same revocation lists.
    func domain(like wanted: RouterSettings.Domain) -> MutualTLSDomain? {
        guard let index = settings.domains.firstIndex(where: { $0.pattern == wanted.pattern }),
            snapshot.domains.indices.contains(index)
        else { return nil }
        let former = settings.domains[index]
        guard former.trust.isInterchangeable(with: wanted.trust),
            former.revocation.isInterchangeable(with: wanted.revocation)
        else { return nil }
        return snapshot.domains[index]
    }

    /// What verifies upstreams in the snapshot in force.
    var upstreamVerifiers: [DomainVerifier] {
        let plan = snapshot.upstreamSecurity
        return plan.named.values.map(\.verifier) + [plan.unnamed?.verifier].compactMap(\.self)
    }

    /// The domain's context for an identity that is presented already.
    func context(of domain: MutualTLSDomain, for identity: TLSIdentity, like wanted: RouterSettings) -> TLSContext? {
        context(in: domain.contexts, identity, wanted)
    }

    /// The context without client certificates for an identity that is presented already.
    func plainContext(for identity: TLSIdentity, like wanted: RouterSettings) -> TLSContext? {
        context(in: snapshot.plainContexts, identity, wanted)
    }

    private func context(in contexts: [TLSContext], _ identity: TLSIdentity, _ wanted: RouterSettings) -> TLSContext? {
        guard wanted.minimumVersion == settings.minimumVersion, wanted.offersHTTP2 == settings.offersHTTP2 else {
            return nil
        }
        let index = settings.identities.firstIndex { former in
            former.certificateChain == identity.certificateChain && former.privateKey == identity.privateKey
        }
        return index.flatMap { contexts.indices.contains($0) ? contexts[$0] : nil }
    }
}
