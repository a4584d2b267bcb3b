import CountersignPKI

/// The certificate request of a file, in PEM or DER.
enum CertificateRequestFile {
    /// Reads the one request of a file.
    ///
    /// - Throws: ``ToolError`` when the file cannot be read, or holds no request.
    static func read(_ path: String) throws(ToolError) -> SigningRequest {
        let content = try ToolFile.read(path)
        do {
            return CertificateFile.isDER(content)
                ? try SigningRequest(der: content) : try SigningRequest(pem: content)
        } catch {
            throw ToolError(error, inFile: path)
        }
    }
}
