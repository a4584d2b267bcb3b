import CNIOBoringSSL
package import CountersignPKI
package import CountersignTransport

/// One TLS connection, without a socket: ciphertext in, plaintext out, and the other way round.
///
/// Ciphertext that the session produces is appended to the queue given at creation; what it is fed must be drained by
/// ``handshake()`` and ``read(into:)`` until they ask for more. Belongs to one event loop.
@safe
package final class TLSSession {
    /// How a step of the handshake ended.
    package enum HandshakeStep {
        case needMore
        case finished
        case failed(TLSFailure)
    }

    /// How reading plaintext ended.
    package enum ReadStep {
        /// All ciphertext was used up.
        case needMore
        /// The peer said that it will send no more (close_notify).
        case closed
        case failed(TLSFailure)
    }

    /// The peer whose certificate was accepted in this handshake, or verified again for this resumed session.
    package private(set) var peer: VerifiedPeer?

    private let context: TLSContext
    /// The names that the peer's certificate must carry, every one of them.
    private let expectedNames: [PeerNameRequirement]
    private var resumption: TLSResumption?
    private let session: OpaquePointer
    private let channel: UnsafeMutablePointer<TLSChannel>
    private var rejection: ChainRejection?

    /// Creates the server's side of a session.
    ///
    /// `output` takes the ciphertext to send; it must outlive the session.
    ///
    /// - Throws: ``TLSError`` when memory is short.
    package init(server context: TLSContext, output: ByteQueue) throws(TLSError) {
        self.context = context
        self.expectedNames = []
        (unsafe self.session, unsafe self.channel) = try unsafe Self.makeSession(context, output)
        unsafe SSL_set_accept_state(session)
        attach()
    }

    /// Creates the client's side of a session.
    ///
    /// - Parameters:
    ///   - context: the identity to present, and who verifies the server's chain.
    ///   - serverName: the DNS name to ask for; `nil` for an address, which has no server name indication.
    ///   - expectedNames: what the server's certificate must carry beside what the context's verifier asks for.
    ///   - resumption: an earlier session of the same context and server to resume, where the server allows.
    ///   - output: takes the ciphertext to send; it must outlive the session.
    /// - Throws: ``TLSError`` when memory is short.
    package init(
        client context: TLSContext,
        serverName: String?,
        expecting expectedNames: [PeerNameRequirement] = [],
        resuming resumption: TLSResumption? = nil,
        output: ByteQueue
    ) throws(TLSError) {
        self.context = context
        self.expectedNames = expectedNames
        (unsafe self.session, unsafe self.channel) = try unsafe Self.makeSession(context, output)
        if let serverName { unsafe SSL_set_tlsext_host_name(session, serverName) }
        if let resumption { unsafe SSL_set_session(session, resumption.pointer) }
        unsafe SSL_set_connect_state(session)
        attach()
    }

    deinit {
        unsafe SSL_free(session)
        unsafe channel.deinitialize(count: 1)
        unsafe channel.deallocate()
    }

    /// Gives the session ciphertext to work on; the bytes must stay until the next call that asks for more.
    package func feed(_ ciphertext: UnsafeRawBufferPointer) {
        unsafe channel.pointee.input = ciphertext
    }

    /// Goes on with the handshake.
    package func handshake() -> HandshakeStep {
        // As every operation whose failure can be asked for, it begins with forgetting what failed before.
        let status = unsafe SSL_do_handshake(session)
        guard status == 1 else { return failedHandshake(status) }
        if let failure = verifyResumed() {
            sendAlert(for: failure)
            return .failed(failure)
        }
        return .finished
    }

    /// Writes the session tickets that a TLS 1.3 server holds back until it first writes; nothing once it has written.
    ///
    /// A server calls it after the handshake unless it is going to write a response: a client that waits for the tickets
    /// before it sends its first request, or whose segments are held by Nagle's algorithm, would wait for a delayed ACK.
    ///
    /// - Returns: `false` when the session can no longer write.
    package func writeTickets() -> Bool {
        unsafe SSL_write(session, "", 0) >= 0
    }

    /// Decrypts what was fed into `plaintext`.
    package func read(into plaintext: ByteQueue) -> ReadStep {
        repeat {
            let room = unsafe plaintext.writable(atLeast: Self.recordSize)
            let count = unsafe SSL_read(session, room.baseAddress, Int32(clamping: room.count))
            guard count > 0 else { return readEnded(count) }
            plaintext.advance(Int(count))
            // Without ciphertext or a rest of a record, a further call could only say so, at the price of a short record.
        } while unsafe !channel.pointee.input.isEmpty || SSL_has_pending(session) == 1
        return .needMore
    }

    /// Encrypts bytes into the output queue.
    ///
    /// - Returns: `false` when the session can no longer write.
    package func write(_ plaintext: UnsafeRawBufferPointer) -> Bool {
        var sent = 0
        while sent < plaintext.count {
            let piece = unsafe UnsafeRawBufferPointer(rebasing: plaintext[sent...])
            let count = unsafe SSL_write(session, piece.baseAddress, Int32(clamping: piece.count))
            guard count > 0 else { return false }
            sent += Int(count)
        }
        return true
    }

    /// Tells the peer that no more plaintext follows.
    package func closeNotify() {
        _ = unsafe SSL_shutdown(session)
    }

    /// The server name that the handshake saw, as sent; `nil` when there was none.
    package var serverName: String? {
        guard let name = unsafe SSL_get_servername(session, TLSEXT_NAMETYPE_host_name) else { return nil }
        return unsafe String(cString: name)
    }

    /// Whether the session was resumed from an earlier one.
    package var isResumed: Bool { unsafe SSL_session_reused(session) == 1 }

    /// The protocol that ALPN settled on; `nil` when the peer chose none.
    package var applicationProtocol: String? {
        var name: UnsafePointer<UInt8>?
        var length: UInt32 = 0
        unsafe SSL_get0_alpn_selected(session, &name, &length)
        guard let name = unsafe name, length > 0 else { return nil }
        return unsafe String(decoding: UnsafeBufferPointer(start: name, count: Int(length)), as: UTF8.self)
    }

    /// Whether ALPN settled on HTTP/2.
    package var speaksHTTP2: Bool {
        var name: UnsafePointer<UInt8>?
        var length: UInt32 = 0
        unsafe SSL_get0_alpn_selected(session, &name, &length)
        guard let name = unsafe name, length == 2 else { return false }
        return unsafe name[0] == UInt8(ascii: "h") && name[1] == UInt8(ascii: "2")
    }

    /// What the server gave last for resuming, once; a TLS 1.3 server gives it after the handshake.
    package func takeResumption() -> TLSResumption? {
        defer { resumption = nil }
        return resumption
    }

    fileprivate func keep(_ given: TLSResumption) {
        resumption = given
    }

    /// The negotiated version, for example `TLSv1.3`.
    package var versionName: String { unsafe String(cString: SSL_get_version(session)) }

    /// The negotiated cipher suite by its IANA name.
    package var cipherName: String {
        guard let cipher = unsafe SSL_get_current_cipher(session) else { return "" }
        return unsafe String(cString: SSL_CIPHER_standard_name(cipher))
    }

    /// The DER certificates that the peer sent, the leaf first; not verified by being here.
    package var presentedCertificates: [[UInt8]] {
        guard let stack = unsafe SSL_get0_peer_certificates(session) else { return [] }
        return unsafe (0..<sk_CRYPTO_BUFFER_num(stack)).map { index in
            let buffer = unsafe sk_CRYPTO_BUFFER_value(stack, index)
            return unsafe Array(
                UnsafeBufferPointer(start: CRYPTO_BUFFER_data(buffer), count: CRYPTO_BUFFER_len(buffer))
            )
        }
    }

    private static let recordSize = 16 * 1024 + 512
    /// The most bytes of certificates that a session may have to be resumed: a ClientHello has 32 KiB in all.
    private static let largestResumable = 16 * 1024

    private static func makeSession(
        _ context: TLSContext,
        _ output: ByteQueue
    ) throws(TLSError) -> (OpaquePointer, UnsafeMutablePointer<TLSChannel>) {
        guard let session = unsafe SSL_new(context.pointer) else { throw TLSError.last("create a TLS session") }
        let channel = UnsafeMutablePointer<TLSChannel>.allocate(capacity: 1)
        unsafe channel.initialize(to: TLSChannel(output: output))
        guard let bio = unsafe TLSChannel.makeBIO(channel) else {
            unsafe SSL_free(session)
            unsafe channel.deinitialize(count: 1)
            unsafe channel.deallocate()
            throw TLSError.last("create a TLS session")
        }
        unsafe SSL_set_bio(session, bio, bio)
        unsafe SSL_set_shed_handshake_config(session, 1)
        return unsafe (session, channel)
    }

    private func attach() {
        unsafe SSL_set_ex_data(session, sessionIndex, Unmanaged.passUnretained(self).toOpaque())
    }

    /// Called by the library in full handshakes, after the peer proved that it has the leaf's key or before, by version.
    fileprivate func verifyPresented() -> UInt8? {
        guard let verifier = context.verifier else { return UInt8(SSL_AD_INTERNAL_ERROR) }
        let presented = presentedCertificates
        // A ticket holds all that the peer sent: one that is too large for its message would end the session, and one
        // that a ClientHello cannot carry back would be of no use.
        if presented.reduce(0, { $0 + $1.count }) > Self.largestResumable {
            unsafe SSL_set_options(session, UInt32(SSL_OP_NO_TICKET))
        }
        switch judge(presented, verifier) {
        case .success(let verified):
            peer = verified
            return nil
        case .failure(let found):
            rejection = found
            return found.alert.rawValue
        }
    }

    private func judge(
        _ presented: [[UInt8]],
        _ verifier: any TLSPeerVerifier
    ) -> Result<VerifiedPeer, ChainRejection> {
        verifier.verify(UnverifiedPeerChain(derCertificates: presented)).flatMap { verified in
            for name in expectedNames {
                if let fault = name.fault(of: verified) { return .failure(fault) }
            }
            return .success(verified)
        }
    }

    /// A resumed session skips the library's verification, so expiry, revocation and trust are checked here.
    private func verifyResumed() -> TLSFailure? {
        guard let verifier = context.verifier, peer == nil else { return nil }
        let presented = presentedCertificates
        guard !presented.isEmpty else { return context.requiresPeer ? .certificateMissing : nil }
        switch judge(presented, verifier) {
        case .success(let verified):
            peer = verified
            return nil
        case .failure(let found):
            return .certificateRejected(found)
        }
    }

    private func sendAlert(for failure: TLSFailure) {
        let alert: UInt8 =
            if case .certificateRejected(let found) = failure { found.alert.rawValue } else {
                UInt8(SSL_AD_CERTIFICATE_REQUIRED)
            }
        _ = unsafe SSL_send_fatal_alert(session, alert)
    }

    private func failedHandshake(_ status: Int32) -> HandshakeStep {
        let error = unsafe SSL_get_error(session, status)
        if error == SSL_ERROR_WANT_READ { return .needMore }
        if let rejection { return .failed(.certificateRejected(rejection)) }
        return .failed(failure())
    }

    private func readEnded(_ status: Int32) -> ReadStep {
        let error = unsafe SSL_get_error(session, status)
        switch error {
        case SSL_ERROR_WANT_READ: return .needMore
        case SSL_ERROR_ZERO_RETURN: return .closed
        default: return .failed(failure())
        }
    }

    private func failure() -> TLSFailure {
        let code = ERR_get_error()
        ERR_clear_error()
        let reason = ERR_GET_REASON(code)
        if reason == SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE { return .certificateMissing }
        if reason == SSL_R_KEY_USAGE_BIT_INCORRECT {
            // The library looks at the leaf's key usage before it asks the verifier.
            return .certificateRejected(
                ChainRejection(.keyUsage, "the peer's certificate has keyUsage without digitalSignature")
            )
        }
        if reason >= SSL_AD_REASON_OFFSET, reason < SSL_AD_REASON_OFFSET + 256 {
            return .alertReceived(UInt8(reason - SSL_AD_REASON_OFFSET))
        }
        return .protocolViolation(TLSError.reasonText(of: code))
    }
}

/// The library's slot for the Swift object of a session.
private let sessionIndex = SSL_get_ex_new_index(0, nil, nil, nil, nil)

let verifyPeerCertificate: @convention(c) (OpaquePointer?, UnsafeMutablePointer<UInt8>?) -> ssl_verify_result_t = {
    session,
    alert in
    guard let reference = unsafe SSL_get_ex_data(session, sessionIndex) else { return ssl_verify_invalid }
    let owner = unsafe Unmanaged<TLSSession>.fromOpaque(reference).takeUnretainedValue()
    guard let code = owner.verifyPresented() else { return ssl_verify_ok }
    unsafe alert?.pointee = code
    return ssl_verify_invalid
}

/// Called by the library for each session that a client could resume; answers 1 to keep its reference.
let keepNewSession: @convention(c) (OpaquePointer?, OpaquePointer?) -> Int32 = { session, given in
    guard let reference = unsafe SSL_get_ex_data(session, sessionIndex), let given = unsafe given else { return 0 }
    unsafe Unmanaged<TLSSession>.fromOpaque(reference).takeUnretainedValue().keep(TLSResumption(owning: given))
    return 1
}
