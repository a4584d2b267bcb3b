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

    /// Reads the value of the configuration key `xfcc_format`, which is `raw` or `envoy`.
    ///
    /// - Throws: ``ForwardedHeaderError/Code/unknownName`` for anything else, other formats' names included.
    public init(parsingXFCCFormat text: String) throws(ForwardedHeaderError) {
        switch text {
        case Self.raw.rawValue: self = .raw
        case Self.envoy.rawValue: self = .envoy
        default: throw ForwardedHeaderError(.unknownName, "xfcc_format is \(text.debugDescription); it is raw or envoy")
        }
    }

    /// Writes the headers of this format for a verified certificate.
    ///
    /// The result depends on nothing but the certificate: build it once a connection.
    public func headers(for certificate: ForwardedCertificate) -> [ForwardedHeader] {
        switch self {
        case .raw: [ForwardedHeader(name: XFCCWriter.headerName, value: XFCCWriter.raw(certificate))]
        case .envoy: [ForwardedHeader(name: XFCCWriter.headerName, value: XFCCWriter.envoy(certificate))]
        case .traefik: [TraefikHeaders.certificateHeader(for: certificate)]
        case .traefikInfo: [TraefikHeaders.infoHeader(for: certificate)]
        case .nginx: NginxHeaders.headers(for: certificate)
        case .rfc9440: ClientCertFields.headers(for: certificate)
        }
    }
}
