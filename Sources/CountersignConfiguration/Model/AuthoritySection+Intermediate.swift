extension AuthoritySection {
    /// Reads the intermediate certificate and its key, from the file or from the environment, which goes first.
    static func readIntermediate(_ reader: MappingReader) -> CertificateSection? {
        let value = reader.value("intermediate")
        let inFile = value?.mapping("\"cert_path\" and \"key_path\"") { intermediate in
            (
                intermediate.value("cert_path", overriddenBy: certificateVariable),
                intermediate.value("key_path", overriddenBy: keyVariable)
            )
        }
        let certificate = inFile?.0 ?? reader.override("intermediate", by: certificateVariable)
        let key = inFile?.1 ?? reader.override("intermediate", by: keyVariable)
        let chainReference = certificate?.pem(.certificates)
        let keyReference = key?.pem(.privateKey)
        if certificate == nil || key == nil, value == nil || inFile != nil {
            reader.reportMissing(
                "intermediate",
                "give cert_path and key_path, or the environment variables \(certificateVariable) and \(keyVariable)"
            )
        }
        guard let chainReference, let keyReference else { return nil }
        return CertificateSection(chain: chainReference, privateKey: keyReference)
    }

    /// Reads the former intermediates; one that lacks a part is reported and left out.
    static func readRetired(_ reader: MappingReader) -> [CertificateSection] {
        reader.value("retired_intermediates")?.list(of: "retired intermediates", atMost: 100)?.compactMap { value in
            value.mapping("\"cert_path\" and \"key_path\"") { retired in
                let chain = retired.required("cert_path", "the certificate of an intermediate that signs no more")?
                    .pem(.certificates)
                let key = retired.required("key_path", "its key, which goes on signing revocation lists")?
                    .pem(.privateKey)
                guard let chain, let key else { return nil }
                return CertificateSection(chain: chain, privateKey: key)
            } ?? nil
        } ?? []
    }

    private static let certificateVariable = "MTLS_INTERMEDIATE_CA_CERT_PEM"
    private static let keyVariable = "MTLS_INTERMEDIATE_CA_KEY_PEM"
}
