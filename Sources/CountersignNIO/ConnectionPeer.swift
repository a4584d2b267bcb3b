public import CountersignPKI
import CountersignService

/// Who is at the other end of a connection.
public struct ConnectionPeer: Sendable {
    /// The peer as it was verified in the handshake.
    public let verified: VerifiedPeer
    private let standing: StandingPeer

    init(_ verified: VerifiedPeer, _ standing: StandingPeer) {
        self.verified = verified
        self.standing = standing
    }

    /// Judges the peer again by what counts now: the time, the trust bundle, the revocation lists.
    ///
    /// A connection can outlast what its handshake relied upon; ask before each request. It costs a look-up while nothing has changed.
    ///
    /// - Returns: the peer, or why it would be refused now.
    public func judgedNow() -> Result<VerifiedPeer, ChainRejection> { standing.judge() }
}
