import CountersignPKI
import CountersignTLS
import CountersignTransport

/// A TLS handshake with an upstream; all that can come of it, besides failure, is a ``VerifiedUpstream``.
final class UpstreamHandshake {
    /// How a step ended.
    enum Step {
        case needMore
        case verified(VerifiedUpstream)
        case failed(TLSFailure)
    }

    private let session: TLSSession

    /// Begins a handshake; its first bytes are in `output` after the first step.
    ///
    /// - Throws: `TLSError` when memory is short.
    init(
        _ context: TLSContext,
        with security: UpstreamSecurity,
        resuming resumption: TLSResumption?,
        output: ByteQueue
    ) throws(TLSError) {
        self.session = try TLSSession(
            client: context,
            serverName: security.serverName,
            expecting: security.expectedNames,
            resuming: resumption,
            output: output
        )
    }

    /// Goes on, with ciphertext that must stay until the session has been read from.
    func advance(_ ciphertext: UnsafeRawBufferPointer) -> Step {
        unsafe session.feed(ciphertext)
        switch session.handshake() {
        case .needMore: return .needMore
        case .failed(let failure): return .failed(failure)
        case .finished:
            // The session has a peer only when chain and names were accepted, in this handshake or anew for a resumed one.
            guard let peer = session.peer else { return .failed(.certificateMissing) }
            return .verified(VerifiedUpstream(session, peer))
        }
    }
}

/// The session with an upstream that proved to be the one that was meant: the proof that requests may be sent to it.
///
/// It can be made in this file only, from a handshake that came to its end.
struct VerifiedUpstream {
    /// Who the upstream is.
    let peer: VerifiedPeer
    private let session: TLSSession

    fileprivate init(_ session: TLSSession, _ peer: VerifiedPeer) {
        self.session = session
        self.peer = peer
    }

    /// Whether the session was resumed from an earlier one.
    var isResumed: Bool { session.isResumed }

    /// Whether the upstream has agreed to HTTP/2.
    var speaksHTTP2: Bool { session.speaksHTTP2 }

    /// Encrypts bytes into the queue that the handshake was given.
    ///
    /// - Returns: `false` when the session can no longer write.
    func encrypt(_ plaintext: UnsafeRawBufferPointer) -> Bool {
        unsafe session.write(plaintext)
    }

    /// Decrypts what came into `plaintext`.
    func decrypt(_ ciphertext: UnsafeRawBufferPointer, into plaintext: ByteQueue) -> TLSSession.ReadStep {
        unsafe session.feed(ciphertext)
        return session.read(into: plaintext)
    }

    /// Decrypts what came behind the handshake.
    func decryptRest(into plaintext: ByteQueue) -> TLSSession.ReadStep {
        session.read(into: plaintext)
    }

    /// Says that nothing more will be sent.
    func closeNotify() {
        session.closeNotify()
    }

    /// What the upstream gave for resuming the session, once.
    func takeResumption() -> TLSResumption? {
        session.takeResumption()
    }
}
