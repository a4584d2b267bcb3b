package import CountersignPKI
import Synchronization

/// The peer of a connection that is open, and the last verdict on it, which counts until something changes.
///
/// So a peer costs no signature check while nothing has changed, however many others there are.
package final class StandingPeer: Sendable {
    private struct Verdict {
        var peer: VerifiedPeer
        /// The generation of the identity that the verdict was found by; nil for that of the handshake, which is not known.
        var generation: UInt64?
    }

    private let verifier: PeerVerifier
    private let verdict: Mutex<Verdict>

    /// Takes the peer of a handshake.
    ///
    /// - Parameters:
    ///   - peer: the peer as it was verified.
    ///   - verifier: judges it again.
    package init(_ peer: VerifiedPeer, _ verifier: PeerVerifier) {
        self.verifier = verifier
        self.verdict = Mutex(Verdict(peer: peer))
    }

    /// Judges the peer by what counts now.
    ///
    /// - Returns: the peer, or why it is refused.
    package func judge() -> Result<VerifiedPeer, ChainRejection> { judge(atUnixSeconds: SystemClock.unixSeconds) }

    /// Judges the peer at a moment in Unix seconds.
    package func judge(atUnixSeconds now: Int64) -> Result<VerifiedPeer, ChainRejection> {
        // Asked for first: what changes while the peer is judged makes the verdict an old one.
        let generation = verifier.generation
        let known = verdict.withLock { $0 }
        if known.generation == generation, (known.peer.validFrom...known.peer.verifiedUntil).contains(now) {
            return .success(known.peer)
        }
        return verifier.verify(again: known.peer, atUnixSeconds: now).map { peer in
            verdict.withLock { $0 = Verdict(peer: peer, generation: generation) }
            return peer
        }
    }
}
