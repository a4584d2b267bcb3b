/// The headers in which a backend is told of a verified certificate.
public struct CertificateHeaders: Sendable, Hashable {
    /// The formats, none of them twice.
    public let formats: [ForwardedHeaderFormat]
    /// What ``ForwardedHeaderFormat/envoy`` says beyond hash and subject.
    public let details: XFCCDetails

    /// Takes formats; one that is named twice counts once.
    ///
    /// - Parameters:
    ///   - formats: the formats, in the order in which their headers are written; none for no header.
    ///   - details: what Envoy's format says beyond hash and subject.
    public init(_ formats: [ForwardedHeaderFormat], details: XFCCDetails = .uri) {
        var distinct: [ForwardedHeaderFormat] = []
        for format in formats where !distinct.contains(format) { distinct.append(format) }
        self.formats = distinct
        self.details = details
    }

    /// The headers for a certificate, which depend on nothing else: they are made once a connection.
    public func headers(for certificate: ForwardedCertificate) -> [ForwardedHeader] {
        formats.flatMap { $0.headers(for: certificate, details: details) }
    }
}
