import CountersignAuthentication

/// How proxies write what they tell of a client's certificate.
public enum ForwardedCertificateFormat: String, Sendable, Hashable, CaseIterable {
    /// As Traefik writes `X-Forwarded-Tls-Client-Cert`.
    case traefik
    /// As nginx writes `ssl-client-cert`, with `ssl-client-verify` beside it.
    case nginx
    /// As Envoy or GoRouter writes `X-Forwarded-Client-Cert`.
    case xfcc
    /// As RFC 9440 has `Client-Cert`, with `Client-Cert-Chain` beside it.
    case rfc9440
    /// As a TLS terminator writes `X-Client-Cert-Subject`, with `X-Client-Cert-Serial` beside it.
    case terminator

    var read: CertificateFormat {
        switch self {
        case .traefik: .traefik
        case .nginx: .nginx
        case .xfcc: .xfcc
        case .rfc9440: .rfc9440
        case .terminator: .terminator
        }
    }
}

/// How TLS terminators write serial numbers; the same digits are another number in each form.
public enum CertificateSerialFormat: String, Sendable, Hashable, CaseIterable {
    /// Hexadecimal, in either case, with colons between the bytes or without.
    case hexadecimal
    /// Decimal digits.
    case decimal

    var read: SerialFormat {
        switch self {
        case .hexadecimal: .hexadecimal
        case .decimal: .decimal
        }
    }
}
