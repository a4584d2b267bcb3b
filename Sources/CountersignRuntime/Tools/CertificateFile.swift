import CountersignPKI

/// The certificates of a file, in PEM or DER, taken as bytes: whether they parse is for the verifier to say.
package enum CertificateFile {
    /// The encodings in the order of the file.
    ///
    /// - Throws: ``ToolError`` when the file cannot be read, or is PEM and holds no certificate.
    package static func encodings(_ path: String) throws(ToolError) -> [[UInt8]] {
        let content = try ToolFile.read(path)
        guard !self.isDER(content) else { return [content] }
        do {
            let blocks = try PEMDocuments(parsing: content).blocks
            let certificates = blocks.filter { $0.label == "CERTIFICATE" || $0.label == "X509 CERTIFICATE" }
            guard !certificates.isEmpty else {
                throw PKIError(.nothingFound, "there is no CERTIFICATE block, only \(blocks[0].label)")
            }
            return certificates.map(\.der)
        } catch let error as PKIError {
            throw ToolError(error, inFile: path)
        } catch {
            throw ToolError("\(path): \(error)")
        }
    }

    /// Whether the content begins as the DER of a certificate, request or list does.
    package static func isDER(_ content: [UInt8]) -> Bool {
        content.count > 2 && content[0] == 0x30 && (content[1] & 0x80 != 0 || Int(content[1]) + 2 == content.count)
    }
}
