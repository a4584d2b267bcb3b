import NIOSSL

extension TLSConfiguration {
    /// Allows what has forward secrecy and authenticated encryption, of TLS 1.2 and newer (RFC 9325 section 4.2), and prefers
    /// key exchange that a quantum computer does not break.
    mutating func allowModernTLSAlone() {
        minimumTLSVersion = .tlsv12
        cipherSuiteValues = [
            .TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, .TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
            .TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, .TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
            .TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256, .TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
        ]
        curves = [.x25519_MLKEM768, .x25519, .secp256r1, .secp384r1]
    }
}
