import CountersignPKI

/// What the fuzzer's chains are judged against: one authority whose private key nobody has any more.
enum FixedTrust {
    /// The moment of every verification: 2027-01-01T00:00:00Z.
    static let now: Int64 = 1_798_761_600

    /// The SHA-256 digest of the one certificate that leads to the authority.
    static let knownLeaf = "55584ac60dc67c0d4cbbff4849ca0f0e63fb28b475f44f5f47da0be3ae6527a5"

    /// The judges: each purpose, and each way of reading RFC 5280.
    static let verifiers: [ChainVerifier] = {
        guard let trust = try? TrustStore(pem: authority, atUnixSeconds: now) else {
            preconditionFailure("the authority of the fuzzer cannot be read")
        }
        return [
            ChainVerifier(trust: trust, purpose: .client),
            ChainVerifier(trust: trust, purpose: .server, maxDepth: 2, profile: .strict),
        ]
    }()

    private static let authority = """
        -----BEGIN CERTIFICATE-----
        MIIBvTCCAWSgAwIBAgIUPXL2uIKIBfnh+U593U+xjIuVYO8wCgYIKoZIzj0EAwIw
        HjENMAsGA1UECgwERnV6ejENMAsGA1UEAwwEcm9vdDAgFw0yNjExMjExMjAyNDFa
        GA8yMTI2MTAyODEyMDI0MVowHjENMAsGA1UECgwERnV6ejENMAsGA1UEAwwEcm9v
        dDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABEUcNjHMN1xOS3bpDn5WfvLA81bK
        wu1l6eBUWgsl5mC0DYFEfzLrjF9QXz/fkYMwxkxjb0B0blFREiZRCMqc5FGjfjB8
        MA8GA1UdEwEB/wQFMAMBAf8wDgYDVR0PAQH/BAQDAgEGMB0GA1UdDgQWBBRr7CM5
        AJFTXCcylDbempIhi8eJmDA6BgNVHR4BAf8EMDAuoB4wDYILZXhhbXBsZS5vcmcw
        DYYLZXhhbXBsZS5vcmehDDAKhwgKAAAA/wAAADAKBggqhkjOPQQDAgNHADBEAiB/
        ZV240b0ry9af1byFtUs8uX419dzGqxipz7oRpQwE1AIgFDLt6c7Q8I96nvSOMxAG
        Y9zIDiZOBjG3cNLBHm3S/vc=
        -----END CERTIFICATE-----
        """
}
