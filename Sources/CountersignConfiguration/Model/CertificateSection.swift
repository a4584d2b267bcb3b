/// A certificate with its key.
package struct CertificateSection: Sendable {
    /// The certificate first, then the intermediates that lead to a root.
    package var chain: PEMReference

    /// The key of the first certificate.
    package var privateKey: PEMReference

    /// Makes a pair from its parts.
    package init(chain: PEMReference, privateKey: PEMReference) {
        self.chain = chain
        self.privateKey = privateKey
    }
}

extension CertificateSection {
    /// Reads a pair.
    ///
    /// ## Configuration keys
    /// - `cert_chain` (PEM, required)
    /// - `private_key` (PEM, required)
    static func read(_ value: ValueReader) -> CertificateSection? {
        value.mapping("\"cert_chain\" and \"private_key\"") { reader in
            let chain = reader.required("cert_chain", "a PEM file with the certificate and its intermediates")?
                .pem(.certificates)
            let key = reader.required("private_key", "a PEM file with the certificate's key")?.pem(.privateKey)
            guard let chain, let key else { return nil }
            return CertificateSection(chain: chain, privateKey: key)
        }
    }
}
