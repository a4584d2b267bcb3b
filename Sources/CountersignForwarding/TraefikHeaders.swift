/// The headers of Traefik's `passTLSClientCert`.
public enum TraefikHeaders {
    /// The header that holds the certificates.
    public static let certificateHeaderName = "X-Forwarded-Tls-Client-Cert"
    /// The header that holds facts of the certificate.
    public static let infoHeaderName = "X-Forwarded-Tls-Client-Cert-Info"

    /// Leaf and chain, each as Base64 of its DER, joined by commas and not escaped any further.
    public static func certificateHeader(for certificate: ForwardedCertificate) -> ForwardedHeader {
        var value: [UInt8] = []
        Base64.encode(certificate.leafDER.span, to: &value)
        for issuer in certificate.chainDER {
            value.append(UInt8(ascii: ","))
            Base64.encode(issuer.span, to: &value)
        }
        return ForwardedHeader(name: certificateHeaderName, value: value)
    }

    /// Reads the certificates of ``certificateHeaderName``, leaf first, each in DER.
    ///
    /// - Parameters:
    ///   - value: the header's value.
    ///   - maximumBytes: the length from which on it is refused.
    ///   - maximumCertificates: the number of certificates from which on it is refused.
    /// - Throws: `empty`, `tooLarge`, `tooMany` or `invalidBase64`.
    public static func parseCertificates(
        _ value: Span<UInt8>,
        maximumBytes: Int = 65_536,
        maximumCertificates: Int = 10
    ) throws(ForwardedHeaderError) -> [[UInt8]] {
        guard value.count <= maximumBytes else {
            throw ForwardedHeaderError(.tooLarge, "the value has more than \(maximumBytes) bytes")
        }
        var certificates: [[UInt8]] = []
        var start = 0
        while true {
            var end = start
            while end < value.count, value[end] != UInt8(ascii: ",") { end += 1 }
            guard end > start else { throw ForwardedHeaderError(.empty, "a certificate is empty", offset: start) }
            guard certificates.count < maximumCertificates else {
                throw ForwardedHeaderError(.tooMany, "more than \(maximumCertificates) certificates", offset: start)
            }
            certificates.append(try Base64.decode(value.extracting(start..<end)))
            if end == value.count { return certificates }
            start = end + 1
        }
    }

    /// Facts of the leaf as the form of a query: `Subject`, `Issuer`, `SerialNumber`, `NB`, `NA` and `SAN`.
    ///
    /// Names have Traefik's order of attributes. Traefik leaves a separator within a value as it is; here it is escaped
    /// as RFC 4514 has it, so that a value cannot look like another attribute. Empty facts are left out.
    public static func infoHeader(for certificate: ForwardedCertificate) -> ForwardedHeader {
        var fields: [[UInt8]] = []
        func add(_ key: String, _ value: [UInt8]) {
            guard !value.isEmpty else { return }
            fields.append(Array("\(key)=\"".utf8) + value + [UInt8(ascii: "\"")])
        }
        add("Subject", name(certificate.subject, types: ["DC", "C", "ST", "L", "O", "OU", "SN", "CN"]))
        add("Issuer", name(certificate.issuer, types: ["DC", "C", "ST", "L", "O", "SN", "CN"]))
        add("SerialNumber", Array(certificate.serialDecimal.utf8))
        add("NB", Array(String(certificate.notBefore).utf8))
        add("NA", Array(String(certificate.notAfter).utf8))
        add("SAN", alternativeNames(of: certificate))
        var value: [UInt8] = []
        PercentCoding.encode(Array(fields.joined(separator: [UInt8(ascii: ";")])).span, .query, to: &value)
        return ForwardedHeader(name: infoHeaderName, value: value)
    }

    /// The attributes of the given types, in the order of `types`, several of one type in the certificate's order.
    private static func name(_ text: String, types: [String]) -> [UInt8] {
        // RFC 2253 text has the certificate's order reversed.
        let attributes = DistinguishedNameText.attributes(of: text).reversed()
        var parts: [[UInt8]] = []
        for type in types {
            let values = attributes.filter { label(of: $0.type) == type && !$0.value.isEmpty }.map(\.value)
            // These two count once, and the last one wins.
            let isSingle = type == "SN" || type == "CN"
            for value in isSingle ? Array(values.suffix(1)) : values {
                parts.append(Array("\(type)=".utf8) + value)
            }
        }
        return Array(parts.joined(separator: [UInt8(ascii: ",")]))
    }

    /// Traefik's label of an attribute type; its `SN` is the serial number, which others call otherwise.
    private static func label(of type: [UInt8]) -> String {
        let upper = String(decoding: type, as: UTF8.self).uppercased()
        return switch upper {
        case "SERIALNUMBER", "2.5.4.5", "OID.2.5.4.5": "SN"
        case "SN", "SURNAME": ""
        case "0.9.2342.19200300.100.1.25": "DC"
        case "S": "ST"
        default: upper
        }
    }

    private static func alternativeNames(of certificate: ForwardedCertificate) -> [UInt8] {
        let names =
            certificate.dnsNames + certificate.emailNames + certificate.ipNames + certificate.uriNames
        var value: [UInt8] = []
        for name in names {
            if !value.isEmpty { value.append(UInt8(ascii: ",")) }
            for byte in name.utf8 {
                // Coded once here so that it cannot end the name or the quotes once the reader has decoded the whole.
                if byte == UInt8(ascii: ",") || byte == UInt8(ascii: ";") || byte <= 0x20 || byte == UInt8(ascii: "\"")
                {
                    value.append(UInt8(ascii: "%"))
                    PercentCoding.appendHex(byte, to: &value)
                } else {
                    value.append(byte)
                }
            }
        }
        return value
    }
}
