/// A certificate that an authority has just made.
public struct IssuedCertificate: Sendable {
    /// The certificate.
    public let der: [UInt8]
    /// The certificates above it up to the trusted authority, which is not among them when it is self-signed.
    public let issuersDER: [[UInt8]]
    /// The serial number in lower-case hexadecimal.
    public let serialHex: String
    /// The first second of validity, in Unix seconds.
    public let notBefore: Int64
    /// The last second of validity, in Unix seconds.
    public let notAfter: Int64

    /// The serial number as an INTEGER's content.
    package let serialNumber: [UInt8]

    /// The serial number in decimal digits.
    public var serialDecimal: String {
        SerialNumber(self.serialNumber).decimal
    }

    /// The certificate in PEM.
    public var certificatePEM: String {
        PEMBlock.text(label: "CERTIFICATE", der: self.der)
    }

    /// The certificate and those above it in PEM, as a TLS server or client is configured with.
    public var chainPEM: String {
        self.chainDER.map { PEMBlock.text(label: "CERTIFICATE", der: $0) }.joined()
    }

    /// The certificate and those above it, leaf first.
    public var chainDER: [[UInt8]] {
        [self.der] + self.issuersDER
    }
}
