package import CountersignIdentity
package import CountersignPKI
import CountersignTLS
import Glibc

/// Verifies the certificates of peers by one trust store, those of the clients of a domain or of upstreams, and remembers
/// the chains that it has verified.
package final class DomainVerifier: TLSPeerVerifier {
    private let verifier: ChainVerifier
    private let cache: VerifiedChainCache
    private let revoked: RevokedCertificates

    /// A verifier that remembers no chain yet.
    ///
    /// - Parameters:
    ///   - verifier: whom the domain trusts, and which lists it reads.
    ///   - revoked: what the feed has revoked; looked at each time, for remembered chains as well.
    ///   - cachedChains: how many verified chains are remembered; 0 for none.
    package init(verifier: ChainVerifier, revoked: RevokedCertificates, cachedChains: Int = 10_000) {
        self.verifier = verifier
        self.revoked = revoked
        self.cache = VerifiedChainCache(capacity: cachedChains)
    }

    package func verify(_ chain: UnverifiedPeerChain) -> Result<VerifiedPeer, ChainRejection> {
        cache.verify(chain, with: verifier, atUnixSeconds: Int64(time(nil))).flatMap { peer in
            revoked.rejection(of: peer).map(Result.failure) ?? .success(peer)
        }
    }

    /// What this domain's lists revoke that those of the domain's earlier verifier did not, by issuers' names.
    func newlyListed(since earlier: DomainVerifier?) -> [RevocationKey] {
        verifier.revocation.newlyListed(since: earlier?.verifier.revocation ?? .none)
    }

    /// The trust anchors' edition; a peer verified under another one is verified again before its next request.
    package var trustEpoch: UInt64 { verifier.trust.epoch }

    /// Whether the same authorities are trusted for the same trust domains, and no revocation lists are looked into.
    package func trusts(as store: TrustStore) -> Bool {
        verifier.trust.isInterchangeable(with: store) && verifier.revocation.isInterchangeable(with: .none)
    }

    /// The trust domains for which any of the domain's authorities may vouch.
    package var trustDomains: TrustDomainScope { verifier.trust.trustDomains }

    /// DER subjects of the trust anchors.
    package var acceptableIssuers: [[UInt8]] { verifier.trust.subjectsDER }
}
