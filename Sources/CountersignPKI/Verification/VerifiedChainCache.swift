import Crypto
import Synchronization

/// Remembers good verdicts, so that a peer that comes again costs no signature checks.
///
/// The key covers every byte that the peer sent and the verifier that judged it, so a changed chain, trust store or
/// revocation list is judged anew. A remembered verdict counts only while every certificate of the path, and every
/// revocation list that it relied upon, is current. Rejections are not remembered: peers would choose what fills it.
public final class VerifiedChainCache: Sendable {
    /// The most verdicts that are remembered.
    public let capacity: Int

    private let state = Mutex(State())

    /// Makes an empty cache.
    ///
    /// - Parameter capacity: The most verdicts to remember; with 0 every chain is judged anew.
    public init(capacity: Int) {
        self.capacity = max(0, capacity)
    }

    /// Judges what a peer sent, or answers from memory.
    public func verify(
        _ chain: UnverifiedPeerChain,
        with verifier: ChainVerifier,
        atUnixSeconds now: Int64
    ) -> Result<VerifiedPeer, ChainRejection> {
        guard self.capacity > 0 else { return verifier.verify(chain, atUnixSeconds: now) }
        let key = Self.key(chain, verifier)
        let known = self.state.withLock { $0.lookUp(key, capacity: self.capacity) }
        if let known, known.validFrom <= now, now <= known.verifiedUntil { return .success(known) }
        let verdict = verifier.verify(chain, atUnixSeconds: now)
        if case .success(let peer) = verdict {
            self.state.withLock { $0.insert(peer, for: key, capacity: self.capacity) }
        }
        return verdict
    }

    /// Forgets everything.
    public func removeAll() {
        self.state.withLock { $0 = State() }
    }

    /// How many verdicts are remembered.
    public var count: Int {
        self.state.withLock { $0.young.count + $0.old.count }
    }

    private static func key(_ chain: UnverifiedPeerChain, _ verifier: ChainVerifier) -> [UInt8] {
        var hash = SHA256()
        hash.update(data: self.bytes(of: verifier.generation))
        hash.update(data: self.bytes(of: verifier.trust.epoch))
        for certificate in chain.certificates {
            hash.update(data: self.bytes(of: UInt64(certificate.count)))
            hash.update(data: certificate)
        }
        return Array(hash.finalize())
    }

    private static func bytes(of number: UInt64) -> [UInt8] {
        (0..<8).map { UInt8(truncatingIfNeeded: number >> (56 - $0 * 8)) }
    }

    /// Two generations, so that what was used lately survives at constant cost.
    ///
    /// What is used moves to the young one; when that has half of the capacity, it takes the place of the old one.
    private struct State {
        var young: [[UInt8]: VerifiedPeer] = [:]
        var old: [[UInt8]: VerifiedPeer] = [:]

        mutating func lookUp(_ key: [UInt8], capacity: Int) -> VerifiedPeer? {
            if let peer = self.young[key] { return peer }
            guard let peer = self.old[key] else { return nil }
            self.insert(peer, for: key, capacity: capacity)
            return peer
        }

        mutating func insert(_ peer: VerifiedPeer, for key: [UInt8], capacity: Int) {
            self.old[key] = nil
            self.young[key] = peer
            if self.young.count >= max(1, capacity / 2) {
                self.old = self.young
                self.young = [:]
            }
        }
    }
}
