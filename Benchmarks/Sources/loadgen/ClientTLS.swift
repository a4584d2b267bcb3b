import CNIOBoringSSL

/// The client's side of mutual TLS: TLS 1.3 with X25519, a client certificate, and a server that must chain to the roots.
final class ClientTLS {
    private let context: OpaquePointer
    private let resumes: Bool
    private let speaksHTTP2: Bool
    /// What connections present in turn, for the first certificate of the chain; empty where all present the same.
    private let leaves: [OpaquePointer]
    private var turn = 0

    init(
        roots: String,
        certificate: String,
        key: String,
        leaves: String?,
        resumes: Bool,
        speaksHTTP2: Bool
    ) throws {
        guard let context = SSL_CTX_new(TLS_client_method()) else { throw LoadError.tls("create a TLS context") }
        self.context = context
        self.resumes = resumes
        self.speaksHTTP2 = speaksHTTP2
        self.leaves = try leaves.map(Self.certificates) ?? []
        try Self.check(SSL_CTX_set_min_proto_version(context, UInt16(TLS1_3_VERSION)), "require TLS 1.3")
        try Self.check(SSL_CTX_set1_curves_list(context, "X25519"), "choose X25519")
        try Self.check(SSL_CTX_load_verify_locations(context, roots, nil), "read the roots '\(roots)'")
        try Self.check(
            SSL_CTX_use_certificate_chain_file(context, certificate),
            "read the certificate '\(certificate)'"
        )
        try Self.check(SSL_CTX_use_PrivateKey_file(context, key, SSL_FILETYPE_PEM), "read the key '\(key)'")
        SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nil)
        SSL_CTX_set_mode(context, UInt32(SSL_MODE_ENABLE_PARTIAL_WRITE))
        if resumes {
            SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL_STORE)
            SSL_CTX_sess_set_new_cb(context) { _, session in
                SessionStore.replace(with: session)
                return 1
            }
        }
    }

    /// A session over a connected socket, offering the latest ticket where this client resumes.
    func session(over descriptor: Int32, serverName: String) throws -> OpaquePointer {
        guard let session = SSL_new(context) else { throw LoadError.tls("create a TLS session") }
        try Self.check(SSL_set_fd(session, descriptor), "attach the socket")
        try Self.check(SSL_set_tlsext_host_name(session, serverName), "set the server name")
        if !leaves.isEmpty {
            try Self.check(SSL_use_certificate(session, leaves[turn % leaves.count]), "present the next certificate")
            turn += 1
        }
        if speaksHTTP2 {
            let names: [UInt8] = [2] + Array("h2".utf8)
            // Unlike the others, this one answers 0 for success.
            guard SSL_set_alpn_protos(session, names, names.count) == 0 else { throw LoadError.tls("offer HTTP/2") }
        }
        if resumes, let ticket = SessionStore.latest {
            try Self.check(SSL_set_session(session, ticket), "offer a ticket")
        }
        SSL_set_connect_state(session)
        return session
    }

    private static func certificates(in file: String) throws -> [OpaquePointer] {
        guard let source = BIO_new_file(file, "r") else { throw LoadError.tls("read the certificates '\(file)'") }
        defer { BIO_free(source) }
        var found: [OpaquePointer] = []
        while let certificate = PEM_read_bio_X509(source, nil, nil, nil) { found.append(certificate) }
        ERR_clear_error()
        guard !found.isEmpty else { throw LoadError.tls("find certificates in '\(file)'") }
        return found
    }

    private static func check(_ status: Int32, _ action: String) throws {
        guard status == 1 else { throw LoadError.tls(action) }
    }
}
