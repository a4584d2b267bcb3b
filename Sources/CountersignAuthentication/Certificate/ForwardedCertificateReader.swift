import CountersignForwarding
import CountersignIdentityMapping

/// Reads what a trusted proxy says of its client's certificate, from the one header that is configured.
///
/// Other headers of the kind are never looked at, so that a client cannot choose the format. A header that is there twice
/// is refused: the proxy and its client may have written one each.
package struct ForwardedCertificateReader: Sendable, Hashable {
    /// What was read.
    enum Reading: Sendable, Hashable {
        /// The certificate and the issuers that came along, in DER.
        case certificate([UInt8], issuers: [[UInt8]])
        /// Facts of a certificate that did not come along.
        case facts(XFCCElement, CertificateThumbprint)
        /// Subject and serial number alone.
        case terminator(TerminatorIdentity)
    }

    /// The header's name.
    package let headerName: String
    /// How the header is written.
    package let format: CertificateFormat
    /// The most bytes of the header's value, and of a chain beside it.
    package let maximumBytes: Int
    /// How a terminator writes serial numbers.
    package let serialFormat: SerialFormat

    /// The default of ``maximumBytes``.
    package static let defaultMaximumBytes = 16_384

    /// Reads a header in a format.
    package init(
        headerName: String,
        format: CertificateFormat,
        maximumBytes: Int = ForwardedCertificateReader.defaultMaximumBytes,
        serialFormat: SerialFormat = .hexadecimal
    ) {
        self.headerName = headerName
        self.format = format
        self.maximumBytes = maximumBytes
        self.serialFormat = serialFormat
    }

    /// Reads the header.
    ///
    /// - Parameter values: the values of all fields of a name.
    /// - Returns: nil when the proxy tells of no certificate.
    func read(_ values: (String) -> [String]) throws(CertificateReadingError) -> Reading? {
        let value = try single(headerName, values) ?? ""
        guard !value.isEmpty else { return nil }
        guard value.utf8.count <= maximumBytes else { throw .tooLarge(maximumBytes) }
        let bytes = Array(value.utf8)
        do {
            switch format {
            case .traefik:
                let chain = try TraefikHeaders.parseCertificates(bytes.span, maximumBytes: maximumBytes)
                return .certificate(chain[0], issuers: Array(chain.dropFirst()))
            case .nginx:
                return .certificate(try readNginx(bytes, values), issuers: [])
            case .xfcc: return try readXFCC(bytes)
            case .rfc9440: return try readFields(bytes, values)
            case .terminator:
                return .terminator(
                    try TerminatorIdentity(
                        subject: value,
                        serial: try single(TerminatorIdentity.serialHeaderName, values),
                        format: serialFormat
                    )
                )
            }
        } catch let error as ForwardedHeaderError {
            throw CertificateReadingError(error, header: headerName, limit: maximumBytes)
        } catch let error as CertificateReadingError {
            throw error
        } catch {
            throw .malformed("\(headerName): \(error)")
        }
    }

    private func single(_ name: String, _ values: (String) -> [String]) throws(CertificateReadingError) -> String? {
        let all = values(name)
        guard all.count <= 1 else { throw .malformed("\(name) is there \(all.count) times") }
        return all.first
    }

    private func readNginx(_ bytes: [UInt8], _ values: (String) -> [String]) throws -> [UInt8] {
        let verify = Array((try single(NginxHeaders.verifyHeaderName, values) ?? "").utf8)
        do throws(ForwardedHeaderError) {
            return try NginxHeaders.parse(certificate: bytes.span, verify: verify.span, maximumBytes: maximumBytes)
        } catch {
            guard error == ForwardedHeaderError(.notVerified, "") else { throw error }
            let shown = try? NginxHeaders.decode(certificate: bytes.span, maximumBytes: maximumBytes)
            throw CertificateReadingError.notVerified(shown.flatMap(CertificateThumbprint.init(certificate:)))
        }
    }

    private func readXFCC(_ bytes: [UInt8]) throws -> Reading {
        var limits = XFCCLimits()
        limits.bytes = maximumBytes
        guard Self.hasPairs(bytes) else {
            return .certificate(try XFCCParser.parseRaw(bytes.span, limits: limits), issuers: [])
        }
        let elements = try XFCCParser.parse(bytes.span, limits: limits)
        guard elements.count == 1 else {
            throw CertificateReadingError.malformed("\(headerName) has \(elements.count) elements, and one is expected")
        }
        let element = elements[0]
        let told = element.hash.flatMap(CertificateThumbprint.init(hexadecimal:))
        guard let leaf = element.certificate ?? element.chain.first else {
            guard let told else { throw CertificateReadingError.malformed("\(headerName) has neither Cert nor Hash") }
            return .facts(element, told)
        }
        guard element.chain.isEmpty || element.chain[0] == leaf else {
            throw CertificateReadingError.malformed("\(headerName): Cert and Chain are of different certificates")
        }
        if let told, CertificateThumbprint(certificate: leaf) != told {
            throw CertificateReadingError.malformed("\(headerName): Hash is of another certificate")
        }
        return .certificate(leaf, issuers: Array(element.chain.dropFirst()))
    }

    /// Whether the value has pairs of a key and a value; Base64 has `=` at its end alone.
    private static func hasPairs(_ bytes: [UInt8]) -> Bool {
        guard let equals = bytes.firstIndex(of: UInt8(ascii: "=")) else { return false }
        return bytes[equals...].contains { $0 != UInt8(ascii: "=") }
    }

    private func readFields(_ bytes: [UInt8], _ values: (String) -> [String]) throws -> Reading {
        let leaf = try ClientCertFields.parseCertificate(bytes.span, maximumBytes: maximumBytes)
        var issuers: [[UInt8]] = []
        var total = 0
        for line in values(ClientCertFields.chainFieldName) where !line.isEmpty {
            total += line.utf8.count
            guard total <= maximumBytes else { throw CertificateReadingError.tooLarge(maximumBytes) }
            try ClientCertFields.parseChain(Array(line.utf8).span, appendingTo: &issuers, maximumBytes: maximumBytes)
        }
        return .certificate(leaf, issuers: issuers)
    }
}
