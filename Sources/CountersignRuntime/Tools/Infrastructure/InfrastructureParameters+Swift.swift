extension InfrastructureParameters {
    /// Swift code: where the files are, and a configuration of swift-nio-ssl made of them.
    var swift: String {
        let literal = InfrastructureQuoting.swift
        return """
            import \(Self.module)

            \(comment("//"))struct DatabaseIdentity {
                var certificate: String
                var privateKey: String
                var authorities: String
            }

            let identity = DatabaseIdentity(
                certificate: \(literal(identity.certificate)),
                privateKey: \(literal(identity.key)),
                authorities: \(literal(identity.authorities))
            )

            var tls = TLSConfiguration.makeClientConfiguration()
            tls.certificateChain = try NIOSSLCertificate.fromPEMFile(identity.certificate).map { .certificate($0) }
            tls.privateKey = .privateKey(try NIOSSLPrivateKey(file: identity.privateKey, format: .pem))
            tls.trustRoots = .file(identity.authorities)
            tls.certificateVerification = .fullVerification
            tls.minimumTLSVersion = .tlsv12

            """
    }

    private static let module = "NIOSSL"
}
