public import CountersignPKI
import CountersignService

/// Who is at the other end of a connection.
public struct ConnectionPeer: Sendable {
    /// The peer as it was verified in the handshake.
    public let verified: VerifiedPeer
    private let verifier: PeerVerifier

    init(_ verified: VerifiedPeer, _ verifier: PeerVerifier) {
        self.verified = verified
        self.verifier = verifier
    }

    /// Judges the peer again by what counts now: the time, the trust bundle, the revocation lists.
    ///
    /// A connection can outlast what its handshake relied upon; ask before each request. It costs a look-up while nothing has changed.
    ///
    /// - Returns: the peer, or why it would be refused now.
    public func judgedNow() -> Result<VerifiedPeer, ChainRejection> { verifier.verify(again: verified) }
}
