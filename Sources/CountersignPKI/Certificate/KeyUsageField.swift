/// The keyUsage extension (RFC 5280 section 4.2.1.3).
package struct KeyUsageField: OptionSet, Sendable, Hashable {
    package let rawValue: UInt16

    package init(rawValue: UInt16) {
        self.rawValue = rawValue
    }

    /// Signatures other than on certificates and revocation lists, as in a TLS handshake.
    package static let digitalSignature = KeyUsageField(rawValue: 1 << 0)
    /// Signatures that cannot be repudiated.
    package static let nonRepudiation = KeyUsageField(rawValue: 1 << 1)
    /// Encrypting keys, as in the old RSA key exchange.
    package static let keyEncipherment = KeyUsageField(rawValue: 1 << 2)
    /// Encrypting data.
    package static let dataEncipherment = KeyUsageField(rawValue: 1 << 3)
    /// Key agreement.
    package static let keyAgreement = KeyUsageField(rawValue: 1 << 4)
    /// Signing certificates.
    package static let certificateSigning = KeyUsageField(rawValue: 1 << 5)
    /// Signing revocation lists.
    package static let revocationListSigning = KeyUsageField(rawValue: 1 << 6)
    /// Only enciphering, with key agreement.
    package static let encipherOnly = KeyUsageField(rawValue: 1 << 7)
    /// Only deciphering, with key agreement.
    package static let decipherOnly = KeyUsageField(rawValue: 1 << 8)

    /// The usages by their names in RFC 5280, in its order.
    package var names: [String] {
        Self.allNames.enumerated().filter { self.rawValue & (1 << $0.offset) != 0 }.map(\.element)
    }

    private static let allNames = [
        "digitalSignature", "nonRepudiation", "keyEncipherment", "dataEncipherment", "keyAgreement", "keyCertSign",
        "cRLSign", "encipherOnly", "decipherOnly",
    ]
}

extension KeyUsageField {
    /// Reads the extension's value; at least one bit must be set.
    init(_ field: DERField) throws(EncodingFault) {
        let bytes = try field.bitString().bytes
        guard !bytes.isEmpty, bytes.count <= 2 else {
            throw EncodingFault("a key usage of \(bytes.count) bytes")
        }
        var value: UInt16 = 0
        for (index, byte) in bytes.enumerated() {
            for bit in 0..<8 where byte & (0x80 >> bit) != 0 {
                value |= 1 << (index * 8 + bit)
            }
        }
        guard value != 0 else {
            throw EncodingFault("a key usage without any usage")
        }
        self.init(rawValue: value)
    }
}
