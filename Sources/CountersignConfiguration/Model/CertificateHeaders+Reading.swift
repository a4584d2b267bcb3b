import CountersignForwarding

extension CertificateHeaders {
    /// Reads which headers tell a domain's backends of the caller's certificate.
    ///
    /// ## Configuration keys
    /// - `client_cert_headers` (list of `xfcc`, `traefik`, `traefik_info`, `nginx` and `rfc9440`, or one of them; default
    ///   `xfcc`; an empty list for none)
    /// - `xfcc_format` (`raw` or `envoy`, default `raw`)
    /// - `xfcc_details` (list of `cert`, `chain`, `uri` and `dns`, default `uri`; only with `xfcc_format: envoy`)
    static func read(_ reader: MappingReader) -> CertificateHeaders {
        let xfcc: XFCCFormat = reader.choice("xfcc_format", default: .raw)
        let headers = reader.value("client_cert_headers")?.listOrSingle(of: "headers", atMost: Header.allCases.count)
        let names = headers.map { $0.compactMap { $0.choice(Header.self) } } ?? [.xfcc]
        if let value = reader.value("xfcc_format"), !names.contains(.xfcc) {
            value.fail("client_cert_headers does not have xfcc, whose form this is")
        }
        var details = XFCCDetails.uri
        if let value = reader.value("xfcc_details") {
            let values = value.listOrSingle(of: "details", atMost: Detail.allCases.count) ?? []
            details = XFCCDetails(values.compactMap { $0.choice(Detail.self)?.details })
            if xfcc != .envoy || !names.contains(.xfcc) {
                value.fail("only the form envoy has details; set xfcc_format: envoy as well")
            }
        }
        return CertificateHeaders(names.map { $0.format(xfcc) }, details: details)
    }

    /// The forms of `X-Forwarded-Client-Cert`.
    private enum XFCCFormat: String, CaseIterable {
        case raw
        case envoy
    }

    /// The headers by the names of the configuration.
    private enum Header: String, CaseIterable {
        case xfcc
        case traefik
        case traefikInfo = "traefik_info"
        case nginx
        case rfc9440

        func format(_ xfcc: XFCCFormat) -> ForwardedHeaderFormat {
            switch self {
            case .xfcc: xfcc == .raw ? .raw : .envoy
            case .traefik: .traefik
            case .traefikInfo: .traefikInfo
            case .nginx: .nginx
            case .rfc9440: .rfc9440
            }
        }
    }

    /// The details by the names that Envoy has for them.
    private enum Detail: String, CaseIterable {
        case cert
        case chain
        case uri
        case dns

        var details: XFCCDetails {
            switch self {
            case .cert: .certificate
            case .chain: .chain
            case .uri: .uri
            case .dns: .dns
            }
        }
    }
}
