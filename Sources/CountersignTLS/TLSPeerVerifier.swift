package import CountersignPKI

/// Decides whether a peer's certificate chain is accepted; asked in full handshakes and again for resumed sessions.
package protocol TLSPeerVerifier: AnyObject, Sendable {
    /// Runs on the session's thread and must not block.
    func verify(_ chain: UnverifiedPeerChain) -> Result<VerifiedPeer, ChainRejection>

    /// A number that changes whenever peers may be judged otherwise than before.
    var edition: UInt64 { get }
}

extension TLSPeerVerifier {
    /// A verifier that never changes its mind.
    package var edition: UInt64 { 0 }
}
