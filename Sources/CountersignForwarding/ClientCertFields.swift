/// The fields `Client-Cert` and `Client-Cert-Chain` of RFC 9440.
///
/// A certificate is a byte sequence of RFC 8941 section 3.3.5: the Base64 of its DER between colons. Base64 is taken in
/// canonical form only and parameters are refused, as RFC 9440 defines none. Neither field may be in a response.
public enum ClientCertFields {
    /// The field that holds the leaf.
    public static let certificateFieldName = "Client-Cert"
    /// The field that holds the leaf's issuers.
    public static let chainFieldName = "Client-Cert-Chain"

    /// `Client-Cert` and, where the chain is not empty, `Client-Cert-Chain`.
    public static func headers(for certificate: ForwardedCertificate) -> [ForwardedHeader] {
        var leaf: [UInt8] = []
        appendByteSequence(certificate.leafDER, to: &leaf)
        var headers = [ForwardedHeader(name: certificateFieldName, value: leaf)]
        guard !certificate.chainDER.isEmpty else { return headers }
        var chain: [UInt8] = []
        for issuer in certificate.chainDER {
            if !chain.isEmpty { chain.append(contentsOf: [UInt8(ascii: ","), UInt8(ascii: " ")]) }
            appendByteSequence(issuer, to: &chain)
        }
        headers.append(ForwardedHeader(name: chainFieldName, value: chain))
        return headers
    }

    /// Reads the leaf's DER from `Client-Cert`, which must hold one certificate.
    ///
    /// - Parameters:
    ///   - value: the field's value; a message that has the field twice must be refused before.
    ///   - maximumBytes: the length from which on it is refused.
    /// - Throws: `empty`, `tooLarge`, `malformedElement` or `invalidBase64`.
    public static func parseCertificate(
        _ value: Span<UInt8>,
        maximumBytes: Int = 65_536
    ) throws(ForwardedHeaderError) -> [UInt8] {
        guard value.count <= maximumBytes else {
            throw ForwardedHeaderError(.tooLarge, "the value has more than \(maximumBytes) bytes")
        }
        var index = 0
        skipSpace(value, &index)
        let certificate = try byteSequence(value, &index)
        skipSpace(value, &index)
        guard index == value.count else {
            throw ForwardedHeaderError(.malformedElement, "text after the certificate", offset: index)
        }
        return certificate
    }

    /// Appends the certificates of one `Client-Cert-Chain` field to `chain`, each in DER.
    ///
    /// The list may be split over several fields: call this for each in the order of the message.
    ///
    /// - Parameters:
    ///   - value: one field's value.
    ///   - chain: what earlier fields held; grows by the certificates of this one.
    ///   - maximumBytes: the length from which on one value is refused.
    ///   - maximumCertificates: the number of certificates of all fields from which on they are refused.
    /// - Throws: `empty`, `tooLarge`, `tooMany`, `malformedElement` or `invalidBase64`.
    public static func parseChain(
        _ value: Span<UInt8>,
        appendingTo chain: inout [[UInt8]],
        maximumBytes: Int = 65_536,
        maximumCertificates: Int = 10
    ) throws(ForwardedHeaderError) {
        guard value.count <= maximumBytes else {
            throw ForwardedHeaderError(.tooLarge, "the value has more than \(maximumBytes) bytes")
        }
        var index = 0
        while true {
            skipSpace(value, &index)
            guard chain.count < maximumCertificates else {
                throw ForwardedHeaderError(.tooMany, "more than \(maximumCertificates) certificates", offset: index)
            }
            chain.append(try byteSequence(value, &index))
            skipSpace(value, &index)
            if index == value.count { return }
            guard value[index] == UInt8(ascii: ",") else {
                throw ForwardedHeaderError(.malformedElement, "certificates are joined by commas", offset: index)
            }
            index += 1
        }
    }

    private static func appendByteSequence(_ bytes: [UInt8], to value: inout [UInt8]) {
        value.append(colon)
        Base64.encode(bytes.span, to: &value)
        value.append(colon)
    }

    private static func byteSequence(
        _ value: Span<UInt8>,
        _ index: inout Int
    ) throws(ForwardedHeaderError) -> [UInt8] {
        guard index < value.count, value[index] == colon else {
            throw ForwardedHeaderError(.malformedElement, "a certificate begins with a colon", offset: index)
        }
        let start = index + 1
        var end = start
        while end < value.count, value[end] != colon { end += 1 }
        guard end < value.count else {
            throw ForwardedHeaderError(.malformedElement, "a certificate ends with a colon", offset: start)
        }
        guard end > start else { throw ForwardedHeaderError(.empty, "a certificate is empty", offset: start) }
        index = end + 1
        return try Base64.decode(value.extracting(start..<end))
    }

    private static func skipSpace(_ value: Span<UInt8>, _ index: inout Int) {
        while index < value.count, value[index] == 0x20 || value[index] == 0x09 { index += 1 }
    }

    private static let colon = UInt8(ascii: ":")
}
