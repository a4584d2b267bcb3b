package import CountersignPKI
import CountersignTLS
import Glibc

/// Verifies the client certificates of one domain, and remembers the chains that it has verified.
package final class DomainVerifier: TLSPeerVerifier {
    private let verifier: ChainVerifier
    private let cache: VerifiedChainCache

    /// Makes a verifier that remembers at most `cachedChains` verified chains.
    package init(verifier: ChainVerifier, cachedChains: Int = 10_000) {
        self.verifier = verifier
        self.cache = VerifiedChainCache(capacity: cachedChains)
    }

    package func verify(_ chain: UnverifiedPeerChain) -> Result<VerifiedPeer, ChainRejection> {
        cache.verify(chain, with: verifier, atUnixSeconds: Int64(time(nil)))
    }

    /// The trust anchors' edition; a peer verified under another one is verified again before its next request.
    package var trustEpoch: UInt64 { verifier.trust.epoch }

    /// DER subjects of the trust anchors.
    package var acceptableIssuers: [[UInt8]] { verifier.trust.subjectsDER }
}
