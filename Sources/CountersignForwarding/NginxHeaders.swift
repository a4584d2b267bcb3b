/// The `ssl-client-…` headers of nginx and its Kubernetes ingress.
public enum NginxHeaders {
    /// The header that holds the percent-coded PEM of the leaf.
    public static let certificateHeaderName = "ssl-client-cert"
    /// The header that holds the outcome of the verification.
    public static let verifyHeaderName = "ssl-client-verify"
    /// The header that holds the subject.
    public static let subjectHeaderName = "ssl-client-subject-dn"
    /// The header that holds the issuer.
    public static let issuerHeaderName = "ssl-client-issuer-dn"

    /// The four headers for a certificate, which has been verified, so that the outcome is `SUCCESS`.
    public static func headers(for certificate: ForwardedCertificate) -> [ForwardedHeader] {
        var pem: [UInt8] = []
        CertificatePEM.encode(certificate.leafDER.span, to: &pem)
        var escaped: [UInt8] = []
        PercentCoding.encode(pem.span, .unreserved, to: &escaped)
        var subject: [UInt8] = []
        DistinguishedNameText.append(certificate.subject.utf8.span, to: &subject)
        var issuer: [UInt8] = []
        DistinguishedNameText.append(certificate.issuer.utf8.span, to: &issuer)
        return [
            ForwardedHeader(name: certificateHeaderName, value: escaped),
            ForwardedHeader(name: verifyHeaderName, value: success),
            ForwardedHeader(name: subjectHeaderName, value: subject),
            ForwardedHeader(name: issuerHeaderName, value: issuer),
        ]
    }

    /// Reads the leaf's DER from ``certificateHeaderName``, provided that ``verifyHeaderName`` says `SUCCESS`.
    ///
    /// nginx sends the certificate along when it did not verify (`FAILED:reason`), so that the outcome is part of
    /// the proof and must be that word exactly.
    ///
    /// - Parameters:
    ///   - certificate: the value of ``certificateHeaderName``.
    ///   - verify: the value of ``verifyHeaderName``; empty when the header is absent.
    ///   - maximumBytes: the length from which on the certificate is refused.
    /// - Throws: `notVerified`, `empty`, `tooLarge`, `tooMany`, `invalidPercentCoding`, `invalidPEM` or
    ///   `invalidBase64`.
    public static func parse(
        certificate: Span<UInt8>,
        verify: Span<UInt8>,
        maximumBytes: Int = 65_536
    ) throws(ForwardedHeaderError) -> [UInt8] {
        guard verify.count == success.count, verify.indices.allSatisfy({ verify[$0] == success[$0] }) else {
            throw ForwardedHeaderError(.notVerified, "\(verifyHeaderName) is not SUCCESS")
        }
        return try decode(certificate: certificate, maximumBytes: maximumBytes)
    }

    /// Reads the leaf's DER from ``certificateHeaderName``, whether or not nginx has verified it, which proves nothing.
    ///
    /// - Parameters:
    ///   - certificate: the value of ``certificateHeaderName``.
    ///   - maximumBytes: the length from which on the certificate is refused.
    /// - Throws: what ``parse(certificate:verify:maximumBytes:)`` throws, but for `notVerified`.
    package static func decode(
        certificate: Span<UInt8>,
        maximumBytes: Int
    ) throws(ForwardedHeaderError) -> [UInt8] {
        guard certificate.count <= maximumBytes else {
            throw ForwardedHeaderError(.tooLarge, "the value has more than \(maximumBytes) bytes")
        }
        let pem = try PercentCoding.decode(certificate)
        guard let leaf = try CertificatePEM.decode(pem.span, limit: 1).first else {
            throw ForwardedHeaderError(.empty, "there is no certificate")
        }
        return leaf
    }

    private static let success = Array("SUCCESS".utf8)
}
