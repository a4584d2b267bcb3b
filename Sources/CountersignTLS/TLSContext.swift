import CNIOBoringSSL
package import CountersignPKI

/// The settings that sessions of one kind share: identity, versions, ciphers, tickets and whether a client certificate
/// is asked for.
///
/// Session tickets are encrypted with keys of the context, so a session can be resumed only under the context that it
/// was made under: one context for each mTLS domain keeps their sessions apart.
@safe
package final class TLSContext: @unchecked Sendable {
    // SAFETY: an SSL_CTX that is no longer configured is reference-counted and locked inside the library; `pointer`
    // never changes after init.
    let pointer: OpaquePointer
    let verifier: (any TLSPeerVerifier)?
    /// Whether a session without a certificate of the peer is refused, where there is a verifier.
    let requiresPeer: Bool

    /// Creates a server's context.
    ///
    /// - Parameters:
    ///   - identity: what the server presents.
    ///   - minimum: the oldest version; 1.3 is always preferred.
    ///   - verifier: with one, a client certificate is asked for and must be accepted by it; without, none is.
    ///   - clientCertificates: whether a client may do without one, where one is asked for.
    ///   - acceptableIssuers: DER subjects of the trust anchors, sent as a hint for the client's choice of certificate.
    ///   - offersHTTP2: whether HTTP/2 is chosen where the client offers it.
    ///   - label: keeps this context's sessions apart from others' (RFC 8446 appendix B.3.4 leaves it to servers).
    /// - Throws: ``TLSError`` when the identity cannot be used.
    package init(
        server identity: TLSIdentity,
        minimum: TLSVersion,
        verifier: (any TLSPeerVerifier)?,
        clientCertificates: ClientCertificatePolicy = .required,
        acceptableIssuers: [[UInt8]] = [],
        offersHTTP2: Bool = false,
        label: [UInt8]
    ) throws(TLSError) {
        guard let context = unsafe SSL_CTX_new(Self.method) else { throw TLSError.last("create a TLS context") }
        unsafe self.pointer = context
        self.verifier = verifier
        self.requiresPeer = clientCertificates == .required
        try configureProtocol(minimum: minimum)
        try use(identity)
        try configureSessions(label: label)
        unsafe SSL_CTX_set_alpn_select_cb(context, offersHTTP2 ? selectHTTP2 : selectHTTP1, nil)
        if verifier != nil {
            let mode = requiresPeer ? SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT : SSL_VERIFY_PEER
            unsafe SSL_CTX_set_custom_verify(context, mode, verifyPeerCertificate)
            setAcceptableIssuers(acceptableIssuers)
        }
    }

    /// Creates a client's context.
    ///
    /// - Parameters:
    ///   - identity: the client certificate; without one none is sent.
    ///   - verifier: decides on the server's chain.
    ///   - options: what is offered, and whether sessions are kept.
    /// - Throws: ``TLSError`` when the identity cannot be used.
    package init(
        client identity: TLSIdentity?,
        verifier: any TLSPeerVerifier,
        options: TLSClientOptions = TLSClientOptions()
    ) throws(TLSError) {
        guard let context = unsafe SSL_CTX_new(Self.method) else { throw TLSError.last("create a TLS context") }
        unsafe self.pointer = context
        self.verifier = verifier
        self.requiresPeer = true
        try configureProtocol(minimum: .tls12)
        if let identity { try use(identity) }
        unsafe SSL_CTX_set_custom_verify(context, SSL_VERIFY_PEER, verifyPeerCertificate)
        let protocols = options.encodedProtocols
        // Unlike its neighbours, this call answers 0 when it succeeds.
        let fault = protocols.isEmpty ? 0 : unsafe SSL_CTX_set_alpn_protos(context, protocols, protocols.count)
        guard fault == 0 else { throw TLSError.last("offer application protocols") }
        guard options.keepsSessions else { return }
        unsafe SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL)
        unsafe SSL_CTX_sess_set_new_cb(context, keepNewSession)
    }

    /// TLS that keeps certificates as the bytes that they came as.
    ///
    /// The verifier reads them, and caches what it found; an X509 object for each certificate of each handshake would be made
    /// and freed unread.
    private static var method: OpaquePointer? { unsafe TLS_with_buffers_method() }

    deinit {
        unsafe SSL_CTX_free(pointer)
    }

    /// A number that changes whenever the context's verifier may judge peers otherwise than before.
    package var edition: UInt64 { verifier?.edition ?? 0 }

    /// Judges a peer of an open session again: its certificate may have expired, trust may have been replaced.
    ///
    /// - Returns: the peer as this context sees it now, or why it is no longer accepted.
    package func verifyAgain(_ peer: VerifiedPeer) -> Result<VerifiedPeer, ChainRejection> {
        guard let verifier else {
            return .failure(ChainRejection(.noCertificate, "certificates of peers are no longer looked at"))
        }
        return verifier.verify(UnverifiedPeerChain(derCertificates: [peer.leafDER] + peer.issuersDER))
    }

    private func configureProtocol(minimum: TLSVersion) throws(TLSError) {
        guard
            unsafe SSL_CTX_set_min_proto_version(pointer, minimum.rawValue) == 1,
            unsafe SSL_CTX_set_max_proto_version(pointer, TLSVersion.tls13.rawValue) == 1,
            unsafe SSL_CTX_set_strict_cipher_list(pointer, Self.tls12Ciphers) == 1,
            unsafe SSL_CTX_set1_group_ids(pointer, Self.groups, Self.groups.count) == 1,
            unsafe SSL_CTX_set_verify_algorithm_prefs(pointer, Self.signatureAlgorithms, Self.signatureAlgorithms.count)
                == 1
        else { throw TLSError.last("choose TLS versions and ciphers") }
        unsafe SSL_CTX_set_mode(pointer, UInt32(SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER))
        unsafe SSL_CTX_set_early_data_enabled(pointer, 0)
    }

    private func configureSessions(label: [UInt8]) throws(TLSError) {
        // A session identifier context has at most 32 bytes; longer labels are folded so that none is cut to another's.
        let context = label.count <= 32 ? label : Self.fold(label)
        guard unsafe SSL_CTX_set_session_id_context(pointer, context, context.count) == 1 else {
            throw TLSError.last("separate TLS sessions")
        }
        unsafe SSL_CTX_set_timeout(pointer, Self.sessionSeconds)
        unsafe SSL_CTX_set_session_psk_dhe_timeout(pointer, Self.sessionSeconds)
        unsafe SSL_CTX_set_session_cache_mode(pointer, SSL_SESS_CACHE_OFF)
        // One is enough for a service that comes back, and none is free: each carries the client's whole chain.
        guard unsafe SSL_CTX_set_num_tickets(pointer, 1) == 1 else { throw TLSError.last("limit session tickets") }
    }

    private func use(_ identity: TLSIdentity) throws(TLSError) {
        var certificates: [OpaquePointer?] = unsafe []
        defer {
            for index in unsafe certificates.indices { unsafe CRYPTO_BUFFER_free(certificates[index]) }
        }
        for der in identity.certificateChain {
            unsafe certificates.append(CRYPTO_BUFFER_new(der, der.count, nil))
        }
        guard let key = unsafe Self.parseKey(identity.privateKey) else { throw TLSError.last("read the private key") }
        defer { unsafe EVP_PKEY_free(key) }
        let status = unsafe certificates.withUnsafeBufferPointer { list in
            unsafe SSL_CTX_set_chain_and_key(pointer, list.baseAddress, list.count, key, nil)
        }
        guard status == 1 else { throw TLSError.last("use the certificate with its key") }
    }

    private static func parseKey(_ der: [UInt8]) -> OpaquePointer? {
        unsafe der.withUnsafeBufferPointer { bytes in
            var reader = unsafe CBS(data: bytes.baseAddress, len: bytes.count)
            return unsafe EVP_parse_private_key(&reader)
        }
    }

    private func setAcceptableIssuers(_ subjects: [[UInt8]]) {
        guard !subjects.isEmpty, let stack = unsafe sk_CRYPTO_BUFFER_new_null() else { return }
        for subject in subjects {
            guard let buffer = unsafe CRYPTO_BUFFER_new(subject, subject.count, nil) else { continue }
            if unsafe sk_CRYPTO_BUFFER_push(stack, buffer) == 0 { unsafe CRYPTO_BUFFER_free(buffer) }
        }
        unsafe SSL_CTX_set0_client_CAs(pointer, stack)
    }

    private static func fold(_ label: [UInt8]) -> [UInt8] {
        var digest = [UInt8](repeating: 0, count: 32)
        unsafe SHA256(label, label.count, &digest)
        return digest
    }

    private static let sessionSeconds: UInt32 = 3600
    private static let tls12Ciphers =
        "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:"
        + "ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305"
    private static let groups: [UInt16] = [
        UInt16(SSL_GROUP_X25519_MLKEM768), UInt16(SSL_GROUP_X25519), UInt16(SSL_GROUP_SECP256R1),
        UInt16(SSL_GROUP_SECP384R1),
    ]
    private static let signatureAlgorithms: [UInt16] = [
        UInt16(SSL_SIGN_ECDSA_SECP256R1_SHA256), UInt16(SSL_SIGN_RSA_PSS_RSAE_SHA256),
        UInt16(SSL_SIGN_ECDSA_SECP384R1_SHA384), UInt16(SSL_SIGN_RSA_PSS_RSAE_SHA384),
        UInt16(SSL_SIGN_ED25519), UInt16(SSL_SIGN_ECDSA_SECP521R1_SHA512), UInt16(SSL_SIGN_RSA_PSS_RSAE_SHA512),
        UInt16(SSL_SIGN_RSA_PKCS1_SHA256), UInt16(SSL_SIGN_RSA_PKCS1_SHA384), UInt16(SSL_SIGN_RSA_PKCS1_SHA512),
    ]
}

/// What answers a client's list of protocols (RFC 7301).
private typealias ProtocolSelector =
    @convention(c) (
        OpaquePointer?, UnsafeMutablePointer<UnsafePointer<UInt8>?>?, UnsafeMutablePointer<UInt8>?,
        UnsafePointer<UInt8>?, UInt32, UnsafeMutableRawPointer?
    ) -> Int32

/// Answers with HTTP/1.1; a client that offers only other protocols gets no_application_protocol.
private let selectHTTP1: ProtocolSelector = { _, out, outLength, offered, offeredLength, _ in
    unsafe select(["http/1.1"], out, outLength, offered, Int(offeredLength))
}

/// Answers with HTTP/2 where it is offered, else with HTTP/1.1.
private let selectHTTP2: ProtocolSelector = { _, out, outLength, offered, offeredLength, _ in
    unsafe select(["h2", "http/1.1"], out, outLength, offered, Int(offeredLength))
}

private func select(
    _ preferred: [StaticString],
    _ out: UnsafeMutablePointer<UnsafePointer<UInt8>?>?,
    _ outLength: UnsafeMutablePointer<UInt8>?,
    _ offered: UnsafePointer<UInt8>?,
    _ offeredLength: Int
) -> Int32 {
    guard let out = unsafe out, let outLength = unsafe outLength, let offered = unsafe offered else {
        return SSL_TLSEXT_ERR_ALERT_FATAL
    }
    for wanted in preferred {
        let bytes = unsafe UnsafeBufferPointer(start: wanted.utf8Start, count: wanted.utf8CodeUnitCount)
        var position = 0
        while position < offeredLength {
            let length = unsafe Int(offered[position])
            guard position + 1 + length <= offeredLength else { break }
            let name = unsafe UnsafeBufferPointer(start: offered + position + 1, count: length)
            if unsafe name.elementsEqual(bytes) {
                unsafe out.pointee = offered + position + 1
                unsafe outLength.pointee = UInt8(length)
                return SSL_TLSEXT_ERR_OK
            }
            position += 1 + length
        }
    }
    return SSL_TLSEXT_ERR_ALERT_FATAL
}
