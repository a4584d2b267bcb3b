/// Writes `X-Forwarded-Client-Cert`.
///
/// Values are coded so that readers cannot disagree on where one ends: no value holds a quote, nor a backslash before
/// one, and whatever holds a separator is quoted. A certificate with hostile names yields odd values, but never
/// another pair or element.
public enum XFCCWriter {
    /// The header's name.
    public static let headerName = "X-Forwarded-Client-Cert"

    /// The raw form: the leaf's DER as one line of Base64.
    public static func raw(_ certificate: ForwardedCertificate) -> [UInt8] {
        var value: [UInt8] = []
        Base64.encode(certificate.leafDER.span, to: &value)
        return value
    }

    /// One element in Envoy's form: hash and subject always, and the details asked for where the certificate has them.
    ///
    /// The details are the URI names by default, which a Cloud Foundry instance certificate does not have.
    public static func envoy(_ certificate: ForwardedCertificate, details: XFCCDetails = .uri) -> [UInt8] {
        let element = XFCCElement(
            hash: certificate.sha256Hex,
            certificate: details.contains(.certificate) ? certificate.leafDER : nil,
            chain: details.contains(.chain) ? [certificate.leafDER] + certificate.chainDER : [],
            subject: certificate.subject,
            uris: details.contains(.uri) ? certificate.uriNames : [],
            dnsNames: details.contains(.dns) ? certificate.dnsNames : []
        )
        return envoy([element])
    }

    /// Elements in Envoy's form, joined by `,`, with their keys in the order By, Hash, Cert, Chain, Subject, URI, DNS.
    public static func envoy(_ elements: [XFCCElement]) -> [UInt8] {
        var value: [UInt8] = []
        for (index, element) in elements.enumerated() {
            if index > 0 { value.append(UInt8(ascii: ",")) }
            append(element, to: &value)
        }
        return value
    }

    private static func append(_ element: XFCCElement, to value: inout [UInt8]) {
        let start = value.count
        func appendKey(_ key: String, to value: inout [UInt8]) {
            if value.count > start { value.append(UInt8(ascii: ";")) }
            value.append(contentsOf: key.utf8)
            value.append(UInt8(ascii: "="))
        }
        for name in element.by {
            appendKey("By", to: &value)
            append(name: name, to: &value)
        }
        if let hash = element.hash {
            appendKey("Hash", to: &value)
            append(name: hash, to: &value)
        }
        if let certificate = element.certificate {
            appendKey("Cert", to: &value)
            append(certificates: [certificate], to: &value)
        }
        if !element.chain.isEmpty {
            appendKey("Chain", to: &value)
            append(certificates: element.chain, to: &value)
        }
        if let subject = element.subject {
            appendKey("Subject", to: &value)
            value.append(quote)
            DistinguishedNameText.append(subject.utf8.span, to: &value)
            value.append(quote)
        }
        for name in element.uris {
            appendKey("URI", to: &value)
            append(name: name, to: &value)
        }
        for name in element.dnsNames {
            appendKey("DNS", to: &value)
            append(name: name, to: &value)
        }
    }

    private static func append(name: String, to value: inout [UInt8]) {
        let needsQuotes = name.utf8.contains { byte in
            byte == UInt8(ascii: ",") || byte == UInt8(ascii: ";") || byte == UInt8(ascii: "=")
        }
        if needsQuotes { value.append(quote) }
        PercentCoding.encode(name.utf8.span, .name, to: &value)
        if needsQuotes { value.append(quote) }
    }

    private static func append(certificates: [[UInt8]], to value: inout [UInt8]) {
        var text: [UInt8] = []
        for certificate in certificates {
            CertificatePEM.encode(certificate.span, to: &text)
        }
        value.append(quote)
        PercentCoding.encode(text.span, .unreserved, to: &value)
        value.append(quote)
    }

    private static let quote = UInt8(ascii: "\"")
}
