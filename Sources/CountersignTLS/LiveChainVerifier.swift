package import CountersignPKI
import Glibc
import Synchronization

/// Judges peers at the current time by trust that can be replaced while sessions of its context go on.
///
/// A resumed session is judged again by what is trusted then, so a replacement reaches clients that hold tickets.
package final class LiveChainVerifier: TLSPeerVerifier {
    private struct State {
        var verifier: ChainVerifier
        var edition: UInt64 = 0
    }

    private let state: Mutex<State>
    private let name: PeerNameRequirement?
    private let cache: VerifiedChainCache

    /// Takes the first trust.
    ///
    /// - Parameters:
    ///   - verifier: what is trusted, and for what.
    ///   - name: the name that a peer must carry besides; `nil` when any will do.
    ///   - cachedChains: how many accepted chains are remembered; 0 for none.
    package init(_ verifier: ChainVerifier, expecting name: PeerNameRequirement? = nil, cachedChains: Int = 1000) {
        self.state = Mutex(State(verifier: verifier))
        self.name = name
        self.cache = VerifiedChainCache(capacity: cachedChains)
    }

    /// What is trusted now.
    package var current: ChainVerifier {
        state.withLock { $0.verifier }
    }

    /// Judges by another trust store or other revocation lists from now on.
    package func replace(_ verifier: ChainVerifier) {
        state.withLock { state in
            state.verifier = verifier
            state.edition += 1
        }
    }

    package var edition: UInt64 {
        state.withLock { $0.edition }
    }

    package func verify(_ chain: UnverifiedPeerChain) -> Result<VerifiedPeer, ChainRejection> {
        let verdict = cache.verify(chain, with: current, atUnixSeconds: Int64(time(nil)))
        guard case .success(let peer) = verdict, let fault = name?.fault(of: peer) else { return verdict }
        return .failure(fault)
    }
}
