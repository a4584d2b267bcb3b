/// The X.509 authorities of one trust domain, as SPIFFE bundle endpoints give them: a JWK set (SPIFFE Trust Domain and
/// Bundle, RFC 7517).
package struct SPIFFEBundle: Sendable, Hashable {
    /// The authorities' certificates in DER; with none of them, nobody of the trust domain is trusted.
    package var authoritiesDER: [[UInt8]]
    /// A number that grows with every change of the bundle; nil when the publisher does not count.
    package var sequence: Int64?
    /// How often readers should look for a new bundle, in seconds; nil when the publisher does not say.
    package var refreshHintSeconds: Int64?

    /// The largest document that is read, in bytes.
    package static let maximumSize = 4 * 1_024 * 1_024

    /// The most keys that a document may have, those for other uses included.
    package static let maximumKeys = 1_024

    /// A bundle of these authorities.
    package init(authoritiesDER: [[UInt8]], sequence: Int64? = nil, refreshHintSeconds: Int64? = nil) {
        self.authoritiesDER = authoritiesDER
        self.sequence = sequence
        self.refreshHintSeconds = refreshHintSeconds
    }

    /// Reads a PEM bundle: certificate authorities, in any order.
    ///
    /// - Throws: ``PKIError`` as reading a ``TrustStore`` does.
    package init(pem: [UInt8]) throws(PKIError) {
        self.init(authoritiesDER: try TrustStore(pem: pem).authoritiesDER)
    }

    /// The authorities as PEM text.
    package var pem: String {
        self.authoritiesDER.map { PEMBlock.text(label: "CERTIFICATE", der: $0) }.joined()
    }
}
