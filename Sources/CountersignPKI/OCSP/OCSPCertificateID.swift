/// Which certificate an OCSP request is about: CertID (RFC 6960 section 4.1.1).
package struct OCSPCertificateID: Sendable, Hashable {
    /// The whole CertID as it was encoded: an answer repeats it.
    let encoded: [UInt8]
    /// The digest that the issuer is named with.
    let digest: Digest
    /// The digest of the issuer's name.
    let issuerNameHash: [UInt8]
    /// The digest of the issuer's key.
    let issuerKeyHash: [UInt8]
    /// The serial number as an INTEGER's content.
    package let serialNumber: [UInt8]

    /// The digests of CertIDs; they name, and protect nothing, so SHA-1 is as good as any.
    enum Digest: Sendable, Hashable {
        case sha1
        case sha256
        /// A digest that is not known here, so that nobody's certificate can be meant.
        case unknown
    }

    /// The serial number in lower-case hexadecimal, as the inventory knows it.
    package var serialHex: String {
        SerialNumber(self.serialNumber).hexadecimal
    }
}

extension OCSPCertificateID {
    /// Reads a CertID.
    init(_ field: DERField) throws(EncodingFault) {
        var fields = try field.fields()
        let algorithm = try fields.next(orFault: EncodingFault("a certificate ID without an algorithm"))
        self.encoded = Array(field.encoded)
        self.digest =
            switch try algorithm.algorithm().identifier {
            case .sha1: .sha1
            case .sha256: .sha256
            default: .unknown
            }
        self.issuerNameHash = Array(try fields.any().octetString())
        self.issuerKeyHash = Array(try fields.any().octetString())
        self.serialNumber = Array(try fields.any().integerContent())
        try fields.end()
        guard self.serialNumber.count <= SerialNumber.maximumSize else {
            throw EncodingFault("a serial number that is too long")
        }
    }
}
