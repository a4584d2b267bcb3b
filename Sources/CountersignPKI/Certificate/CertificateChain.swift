/// The certificates of a PEM text, in its order: a chain as a server presents it, or a bundle.
public struct CertificateChain: Sendable {
    /// The DER encodings, leaf first for a chain; never empty.
    public let der: [[UInt8]]

    /// The certificates taken apart, in the same order.
    package let certificates: [ParsedCertificate]

    /// The line of each certificate's BEGIN line.
    package let lines: [Int]

    /// The DNS names of the leaf, in lower case.
    package var leafDNSNames: [String] {
        guard let leaf = self.certificates.first else { return [] }
        return PeerNames(leaf.extensions.alternativeNames).dns.map { $0.lowercased() }
    }

    /// Reads every certificate of a PEM text; private keys beside them are skipped.
    ///
    /// - Throws: ``PKIError`` with `nothingFound`, `malformedPEM`, `tooLarge`, `unexpectedBlock` or
    ///   `malformedCertificate`, and the line.
    public init(pem: String) throws(PKIError) {
        try self.init(pem: Array(pem.utf8))
    }

    /// Reads every certificate of the bytes of a PEM text; private keys beside them are skipped.
    ///
    /// - Throws: ``PKIError`` as the initializer that takes a string does.
    public init(pem: [UInt8]) throws(PKIError) {
        var der: [[UInt8]] = []
        var certificates: [ParsedCertificate] = []
        var lines: [Int] = []
        for block in try PEMDocuments(parsing: pem).blocks {
            switch block.label {
            case "CERTIFICATE", "X509 CERTIFICATE":
                do {
                    certificates.append(try ParsedCertificate(der: block.der))
                } catch {
                    throw PKIError(error.code, error.message, line: block.line)
                }
                der.append(block.der)
                lines.append(block.line)
            case let label where label.hasSuffix("PRIVATE KEY") || label == "EC PARAMETERS":
                continue
            default:
                throw PKIError(.unexpectedBlock, "a \(block.label) block among certificates", line: block.line)
            }
        }
        guard !der.isEmpty else {
            throw PKIError(.nothingFound, "the text holds no certificate, only other PEM blocks")
        }
        self.der = der
        self.certificates = certificates
        self.lines = lines
    }
}
