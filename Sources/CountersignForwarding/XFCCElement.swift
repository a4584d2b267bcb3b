/// What one proxy says of the certificate that its client presented: an element of `X-Forwarded-Client-Cert`.
///
/// Values are free of the header's own quoting and coding, and certificates are DER.
public struct XFCCElement: Sendable, Hashable {
    /// URI names of the proxy's own certificate (`By`).
    public var by: [String]
    /// SHA-256 of the client's certificate, 64 lower-case hexadecimal digits (`Hash`).
    public var hash: String?
    /// The client's certificate in DER (`Cert`).
    public var certificate: [UInt8]?
    /// The client's certificate and its issuers, each in DER (`Chain`).
    public var chain: [[UInt8]]
    /// The certificate's subject as RFC 2253 text with that text's own escapes, never undone (`Subject`).
    ///
    /// It may be empty: Envoy writes the key for a certificate without a subject, too.
    public var subject: String?
    /// URI names of the client's certificate (`URI`).
    public var uris: [String]
    /// DNS names of the client's certificate (`DNS`).
    public var dnsNames: [String]

    /// Makes an element from its parts.
    public init(
        by: [String] = [],
        hash: String? = nil,
        certificate: [UInt8]? = nil,
        chain: [[UInt8]] = [],
        subject: String? = nil,
        uris: [String] = [],
        dnsNames: [String] = []
    ) {
        self.by = by
        self.hash = hash
        self.certificate = certificate
        self.chain = chain
        self.subject = subject
        self.uris = uris
        self.dnsNames = dnsNames
    }
}
