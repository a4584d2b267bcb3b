import SwiftASN1

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
    init(derEncoded node: ASN1Node) throws {
        self = try DER.sequence(node, identifier: .sequence) { nodes in
            guard let algorithm = nodes.next() else { throw EncodingFault("a certificate ID without an algorithm") }
            let identifier = try DER.sequence(algorithm, identifier: .sequence) { fields in
                let identifier = try ASN1ObjectIdentifier(derEncoded: &fields)
                _ = fields.next()
                return identifier
            }
            let digest: Digest =
                switch identifier {
                case ObjectIdentifiers.sha1: .sha1
                case ObjectIdentifiers.sha256: .sha256
                default: .unknown
                }
            let name = Array(try ASN1OctetString(derEncoded: &nodes).bytes)
            let key = Array(try ASN1OctetString(derEncoded: &nodes).bytes)
            let serial = try IntegerContent.next(&nodes)
            guard serial.count <= Self.maximumSerialSize else {
                throw EncodingFault("a serial number that is too long")
            }
            return Self(
                encoded: Array(node.encodedBytes),
                digest: digest,
                issuerNameHash: name,
                issuerKeyHash: key,
                serialNumber: serial
            )
        }
    }

    private static let maximumSerialSize = 64
}
