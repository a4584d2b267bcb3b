package import CountersignIdentityMapping
import CountersignPKI

extension CertificateThumbprint {
    /// The digest of a certificate's DER; nil for bytes that are no certificate.
    package init?(certificate der: [UInt8]) {
        guard let parsed = try? ParsedCertificate(der: der) else { return nil }
        self.init(parsed.sha256)
    }
}
