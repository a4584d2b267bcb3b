/// The facts of a verified client certificate that the header writers need.
///
/// Whoever verified the certificate fills this in once a connection; the writers check nothing and trust it, except
/// that no text in it can break out of a header (``DistinguishedNameText``, ``PercentCoding``).
public struct ForwardedCertificate: Sendable, Hashable {
    /// The certificate itself, in DER.
    public var leafDER: [UInt8]
    /// Its issuers in order, each in DER, without the leaf.
    public var chainDER: [[UInt8]]
    /// SHA-256 of ``leafDER`` as 64 lower-case hexadecimal digits.
    public var sha256Hex: String
    /// The subject as RFC 2253 text, most specific attribute first; empty when the certificate has none.
    public var subject: String
    /// The issuer as RFC 2253 text.
    public var issuer: String
    /// The serial number in decimal.
    public var serialDecimal: String
    /// Start of validity, in seconds since 1970-01-01 UTC.
    public var notBefore: Int64
    /// End of validity, in seconds since 1970-01-01 UTC.
    public var notAfter: Int64
    /// URI names of the subject alternative name extension, in its order.
    public var uriNames: [String]
    /// DNS names of the subject alternative name extension, in its order.
    public var dnsNames: [String]
    /// Mail addresses of the subject alternative name extension, in its order.
    public var emailNames: [String]
    /// IP addresses of the subject alternative name extension as text, in its order.
    public var ipNames: [String]

    /// Makes the value from facts that a verifier established.
    public init(
        leafDER: [UInt8],
        chainDER: [[UInt8]] = [],
        sha256Hex: String,
        subject: String,
        issuer: String,
        serialDecimal: String,
        notBefore: Int64,
        notAfter: Int64,
        uriNames: [String] = [],
        dnsNames: [String] = [],
        emailNames: [String] = [],
        ipNames: [String] = []
    ) {
        self.leafDER = leafDER
        self.chainDER = chainDER
        self.sha256Hex = sha256Hex
        self.subject = subject
        self.issuer = issuer
        self.serialDecimal = serialDecimal
        self.notBefore = notBefore
        self.notAfter = notAfter
        self.uriNames = uriNames
        self.dnsNames = dnsNames
        self.emailNames = emailNames
        self.ipNames = ipNames
    }
}
