public import CountersignPKI
import Synchronization

/// Judges peers by the trust bundle that the identity source has at that moment.
///
/// It takes the place of all verification of a TLS library: the path to an authority of the peer's own trust domain, times, uses,
/// constraints, revocation lists where there are some, and who the peer has to be.
public final class PeerVerifier: Sendable {
    private let source: IdentitySource
    private let purpose: VerificationPurpose
    private let requirement: PeerRequirement
    private let verdicts: VerifiedChainCache
    private let state: Mutex<State>

    private struct State {
        var generation: UInt64 = 0
        var verifier: ChainVerifier?
        /// The paths of leaves that were accepted, for when a resumed session tells the leaf alone: those of late, and those
        /// before them, which go when the former are many.
        var recent: [[UInt8]: [[UInt8]]] = [:]
        var older: [[UInt8]: [[UInt8]]] = [:]
        let maximumPaths: Int

        mutating func insert(_ path: [[UInt8]], of leaf: [UInt8]) {
            if recent.count >= maximumPaths, recent[leaf] == nil { (older, recent) = (recent, [:]) }
            recent[leaf] = path
        }

        mutating func path(of leaf: [UInt8]) -> [[UInt8]]? {
            if let path = recent[leaf] { return path }
            guard let path = older[leaf] else { return nil }
            insert(path, of: leaf)
            return path
        }
    }

    /// Makes a verifier.
    ///
    /// - Parameters:
    ///   - source: whose bundle and revocation lists count.
    ///   - purpose: what the peer is: `client` where this process is the server, and `server` where it is the client.
    ///   - requirement: who the peer has to be.
    public convenience init(
        _ source: IdentitySource,
        purpose: VerificationPurpose,
        requirement: PeerRequirement = .anyone
    ) {
        self.init(source, purpose: purpose, requirement: requirement, maximumPaths: 1_024)
    }

    /// Makes a verifier that remembers some peers only.
    ///
    /// - Parameters:
    ///   - source: whose bundle and revocation lists count.
    ///   - purpose: what the peer is.
    ///   - requirement: who the peer has to be.
    ///   - maximumPaths: how many paths of late it remembers, and as many before them; of verdicts, as many in all.
    package init(
        _ source: IdentitySource,
        purpose: VerificationPurpose,
        requirement: PeerRequirement,
        maximumPaths: Int
    ) {
        self.source = source
        self.purpose = purpose
        self.requirement = requirement
        self.verdicts = VerifiedChainCache(capacity: maximumPaths)
        self.state = Mutex(State(maximumPaths: maximumPaths))
    }

    /// Judges what a peer sent in a handshake.
    ///
    /// - Parameter chain: the certificates in DER, leaf first, the others in any order.
    /// - Returns: the peer, or why it is refused.
    public func verify(_ chain: [[UInt8]]) -> Result<VerifiedPeer, ChainRejection> {
        let verdict = judge(chain)
        if case .success(let peer) = verdict, !peer.issuersDER.isEmpty {
            state.withLock { $0.insert([peer.leafDER] + peer.issuersDER, of: peer.leafDER) }
        }
        return verdict
    }

    /// Judges a peer again whose handshake is over, by what counts now.
    ///
    /// - Parameter peer: the peer as it was verified then.
    /// - Returns: the peer, or why it is refused.
    public func verify(again peer: VerifiedPeer) -> Result<VerifiedPeer, ChainRejection> {
        verify(again: peer, atUnixSeconds: SystemClock.unixSeconds)
    }

    /// Judges a peer again at a moment in Unix seconds.
    func verify(again peer: VerifiedPeer, atUnixSeconds now: Int64) -> Result<VerifiedPeer, ChainRejection> {
        judge([peer.leafDER] + peer.issuersDER, atUnixSeconds: now)
    }

    /// Grows whenever what peers are judged by changes.
    var generation: UInt64 { source.generation }

    /// Judges the peer of a resumed session, whose certificate was sent in an earlier one, by what counts now.
    ///
    /// - Parameter leaf: the peer's certificate in DER.
    /// - Returns: the peer, or why it is refused.
    public func verifyResumed(leaf: [UInt8]) -> Result<VerifiedPeer, ChainRejection> {
        judge(state.withLock { $0.path(of: leaf) } ?? [leaf])
    }

    /// Calls a function after each change of what peers are judged by, until what is returned is let go.
    package func observe(_ body: @escaping @Sendable () -> Void) -> IdentityObservation { source.observe(body) }

    /// How long a verdict counts if nothing changes: until a certificate of the path, or a list that was relied upon, ends.
    package func timeLeft(ofVerdict peer: VerifiedPeer) -> Duration { Self.timeLeft(to: peer.verifiedUntil) }

    /// How long the certificates of the path last.
    package func timeLeft(ofCertificate peer: VerifiedPeer) -> Duration { Self.timeLeft(to: peer.validUntil) }

    private static func timeLeft(to lastSecond: Int64) -> Duration {
        .milliseconds((lastSecond + 1) * 1_000 - SystemClock.unixMilliseconds)
    }

    private func judge(
        _ chain: [[UInt8]],
        atUnixSeconds now: Int64 = SystemClock.unixSeconds
    ) -> Result<VerifiedPeer, ChainRejection> {
        let verdict = verdicts.verify(
            UnverifiedPeerChain(derCertificates: chain),
            with: verifier(),
            atUnixSeconds: now
        )
        guard case .success(let peer) = verdict, let fault = requirement.fault(of: peer) else { return verdict }
        return .failure(fault)
    }

    private func verifier() -> ChainVerifier {
        let generation = source.generation
        if let known = state.withLock({ $0.generation == generation ? $0.verifier : nil }) { return known }
        let identity = source.current
        let verifier = ChainVerifier(trust: identity.trust, purpose: purpose, revocation: identity.revocation)
        state.withLock { state in
            state.generation = generation
            state.verifier = verifier
        }
        return verifier
    }
}
