package import CountersignPKI

/// Decides whether a peer's certificate chain is accepted; asked in full handshakes and again for resumed sessions.
package protocol TLSPeerVerifier: AnyObject, Sendable {
    /// Runs on the session's thread and must not block.
    func verify(_ chain: UnverifiedPeerChain) -> Result<VerifiedPeer, ChainRejection>
}
