/// A way to write a verified client certificate into request headers.
public enum ForwardedHeaderFormat: String, Sendable, Hashable, CaseIterable {
    /// `X-Forwarded-Client-Cert` with the PEM body in one line: the base64 of the certificate's DER, no markers.
    case raw
    /// `X-Forwarded-Client-Cert` as Envoy writes it: `Hash=…;Subject="…"`, and `URI=` where the certificate has one.
    case envoy
    /// `X-Forwarded-Tls-Client-Cert`: base64 DER of the leaf and its chain, joined by commas.
    case traefik
    /// `X-Forwarded-Tls-Client-Cert-Info`: subject, issuer, serial number, validity and names, escaped as a query.
    case traefikInfo = "traefik_info"
    /// `ssl-client-cert`, `ssl-client-verify`, `ssl-client-subject-dn` and `ssl-client-issuer-dn`.
    case nginx
    /// `Client-Cert` and, where there is a chain, `Client-Cert-Chain` (RFC 9440).
    case rfc9440

    /// Writes the headers of this format for a verified certificate.
    ///
    /// - Parameters:
    ///   - certificate: the certificate.
    ///   - details: what ``envoy`` says beyond hash and subject; the other formats have a fixed content.
    public func headers(for certificate: ForwardedCertificate, details: XFCCDetails = .uri) -> [ForwardedHeader] {
        switch self {
        case .raw: [ForwardedHeader(name: XFCCWriter.headerName, value: XFCCWriter.raw(certificate))]
        case .envoy:
            [ForwardedHeader(name: XFCCWriter.headerName, value: XFCCWriter.envoy(certificate, details: details))]
        case .traefik: [TraefikHeaders.certificateHeader(for: certificate)]
        case .traefikInfo: [TraefikHeaders.infoHeader(for: certificate)]
        case .nginx: NginxHeaders.headers(for: certificate)
        case .rfc9440: ClientCertFields.headers(for: certificate)
        }
    }
}
