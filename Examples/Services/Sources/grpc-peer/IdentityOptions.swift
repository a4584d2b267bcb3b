import ArgumentParser
import GRPCNIOTransportHTTP2Posix

/// The certificate that is presented, and the authorities that are believed; all three, or none for plain text.
struct IdentityOptions: ParsableArguments {
    @Option(help: "Certificate chain, PEM.")
    var chain: String?

    @Option(help: "Private key, PEM.")
    var key: String?

    @Option(help: "Authorities of the other side, PEM.")
    var roots: String?

    var client: HTTP2ClientTransport.Posix.TransportSecurity {
        guard let chain, let key, let roots else { return .plaintext }
        return .mTLS(certificateChain: [.pem(chain)], privateKey: .pem(key)) { $0.trustRoots = .pem(roots) }
    }

    var server: HTTP2ServerTransport.Posix.TransportSecurity {
        guard let chain, let key, let roots else { return .plaintext }
        return .mTLS(certificateChain: [.pem(chain)], privateKey: .pem(key)) { $0.trustRoots = .pem(roots) }
    }

    func validate() throws {
        let given = [chain, key, roots].count { $0 != nil }
        guard given == 0 || given == 3 else {
            throw ValidationError("--chain, --key and --roots are given together, or none of them")
        }
    }
}

extension TLSConfig.CertificateSource {
    fileprivate static func pem(_ path: String) -> Self { .file(path: path, format: .pem) }
}

extension TLSConfig.PrivateKeySource {
    fileprivate static func pem(_ path: String) -> Self { .file(path: path, format: .pem) }
}

extension TLSConfig.TrustRootsSource {
    fileprivate static func pem(_ path: String) -> Self { .certificates([.pem(path)]) }
}
