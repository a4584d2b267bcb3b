import Crypto
import Synchronization

/// Remembers good verdicts, so that a peer that comes again costs no signature checks.
///
/// A verdict is kept for each leaf and verifier, with the certificates of the path that was found and nothing else that
/// the peer sent: whoever has one certificate cannot fill the memory with variations of what it sends beside it. It is
/// given again to a peer that sends exactly that path, in any order and with or without the trusted authority at its
/// top; everything else is judged anew. It counts only while every certificate of the path, and every revocation list
/// that it relied upon, is current. Rejections are not remembered: peers would choose what fills it.
///
/// A peer that comes for the first time costs the check of one signature where its authorities are known from others.
public final class VerifiedChainCache: Sendable {
    /// The most verdicts that are remembered.
    public let capacity: Int

    /// The most bytes that remembered certificates may take, estimated with what is kept beside them.
    public let maximumBytes: Int

    private let state = Mutex(State())

    /// What is known of the authorities of those that are remembered, and of those that were.
    let issuers: KnownIssuers

    /// Makes an empty cache.
    ///
    /// - Parameters:
    ///   - capacity: The most verdicts to remember; with 0 every chain is judged anew.
    ///   - maximumBytes: The most bytes that they may take.
    public init(capacity: Int, maximumBytes: Int = 64 * 1_024 * 1_024) {
        self.capacity = max(0, capacity)
        self.maximumBytes = max(0, maximumBytes)
        self.issuers = KnownIssuers(capacity: min(KnownIssuers.usualCapacity, self.capacity))
    }

    /// Judges what a peer sent, or answers from memory.
    public func verify(
        _ chain: UnverifiedPeerChain,
        with verifier: ChainVerifier,
        atUnixSeconds now: Int64
    ) -> Result<VerifiedPeer, ChainRejection> {
        guard self.capacity > 0, let leaf = chain.leafDER else { return verifier.verify(chain, atUnixSeconds: now) }
        let key = Key(leaf, verifier)
        let limits = Limits(entries: max(1, self.capacity / 2), bytes: self.maximumBytes / 2)
        let known = self.state.withLock { $0.lookUp(key, limits) }
        if let known, known.validFrom <= now, now <= known.verifiedUntil, Self.isPath(of: known, chain, verifier) {
            return .success(known)
        }
        let verdict = verifier.judge(chain, atUnixSeconds: now, remembering: self.issuers).verdict
        if case .success(let peer) = verdict {
            self.state.withLock { $0.insert(peer, for: key, limits) }
        }
        return verdict
    }

    /// How many verdicts are remembered.
    public var count: Int {
        self.state.withLock { $0.young.entries.count + $0.old.entries.count }
    }

    /// What a verdict is kept under: whose it is, and who gave it.
    private struct Key: Hashable {
        let leaf: SHA256Digest
        let generation: UInt64
        let trustEpoch: UInt64

        init(_ leaf: [UInt8], _ verifier: ChainVerifier) {
            self.leaf = SHA256.hash(data: leaf)
            self.generation = verifier.generation
            self.trustEpoch = verifier.trust.epoch
        }
    }

    /// Whether the peer sent the path that the verdict is about, and nothing else but, perhaps, an authority trusted here.
    private static func isPath(of peer: VerifiedPeer, _ chain: UnverifiedPeerChain, _ verifier: ChainVerifier) -> Bool {
        let sent = chain.certificates.dropFirst()
        guard sent.count <= peer.issuersDER.count + 1 else { return false }
        return peer.issuersDER.allSatisfy { sent.contains($0) }
            && sent.allSatisfy { peer.issuersDER.contains($0) || verifier.trust.authoritiesDER.contains($0) }
    }

    /// What one of the two generations may hold.
    private struct Limits {
        let entries: Int
        let bytes: Int
    }

    private struct Generation {
        var entries: [Key: VerifiedPeer] = [:]
        var bytes = 0

        mutating func insert(_ peer: VerifiedPeer, for key: Key) {
            self.remove(key)
            self.entries[key] = peer
            self.bytes += peer.estimatedSize
        }

        mutating func remove(_ key: Key) {
            guard let peer = self.entries.removeValue(forKey: key) else { return }
            self.bytes -= peer.estimatedSize
        }
    }

    /// Two generations, so that what was used lately survives at constant cost.
    ///
    /// What is used moves to the young one; when that has half of what is allowed, it takes the place of the old one.
    private struct State {
        var young = Generation()
        var old = Generation()

        mutating func lookUp(_ key: Key, _ limits: Limits) -> VerifiedPeer? {
            if let peer = self.young.entries[key] { return peer }
            guard let peer = self.old.entries[key] else { return nil }
            self.insert(peer, for: key, limits)
            return peer
        }

        mutating func insert(_ peer: VerifiedPeer, for key: Key, _ limits: Limits) {
            self.old.remove(key)
            self.young.insert(peer, for: key)
            if self.young.entries.count >= limits.entries || self.young.bytes >= limits.bytes {
                self.old = self.young
                self.young = Generation()
            }
        }
    }
}
