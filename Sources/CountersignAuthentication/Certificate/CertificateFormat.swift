import CountersignForwarding

/// The formats in which proxies tell of a client's certificate.
package enum CertificateFormat: String, Sendable, Hashable, CaseIterable {
    /// `X-Forwarded-Tls-Client-Cert`: Traefik.
    case traefik
    /// `ssl-client-cert` with `ssl-client-verify`: nginx and its ingress.
    case nginx
    /// `X-Forwarded-Client-Cert`: Envoy's elements, or GoRouter's one line of Base64.
    case xfcc
    /// `Client-Cert` with `Client-Cert-Chain`: RFC 9440.
    case rfc9440
    /// `X-Client-Cert-Subject` with `X-Client-Cert-Serial`: a TLS terminator that forwards no certificate.
    case terminator

    /// The format whose documents name the header so; nil for a header of nobody's.
    package init?(headerName: String) {
        let name = headerName.lowercased()
        guard let format = Self.allCases.first(where: { $0.headerName.lowercased() == name }) else { return nil }
        self = format
    }

    /// The header that the format is known by.
    package var headerName: String {
        switch self {
        case .traefik: TraefikHeaders.certificateHeaderName
        case .nginx: NginxHeaders.certificateHeaderName
        case .xfcc: XFCCWriter.headerName
        case .rfc9440: ClientCertFields.certificateFieldName
        case .terminator: TerminatorIdentity.subjectHeaderName
        }
    }

    /// The headers that are read, or written by proxies of the format, beside ``headerName``.
    package var companionHeaderNames: [String] {
        switch self {
        case .traefik: [TraefikHeaders.infoHeaderName]
        case .nginx:
            [NginxHeaders.verifyHeaderName, NginxHeaders.subjectHeaderName, NginxHeaders.issuerHeaderName]
        case .xfcc: []
        case .rfc9440: [ClientCertFields.chainFieldName]
        case .terminator: [TerminatorIdentity.serialHeaderName]
        }
    }

    /// Headers that services believe and no proxy of a format writes: a client alone can have sent them.
    package static let unwrittenHeaderNames = [
        "X-Forwarded-Client-Cert-Chain", "XFCC", "X-Forwarded-Tls-Client-Cert-Signature",
    ]

    /// The headers that may tell of a client's certificate, of all formats.
    package static var allHeaderNames: [String] {
        allCases.flatMap { [$0.headerName] + $0.companionHeaderNames } + unwrittenHeaderNames
    }

    /// Whether the certificate's digest is told, so that a token can be bound to it.
    package var tellsThumbprint: Bool { self != .terminator }
}
