/// The fields of a certificate that is about to be signed (RFC 5280 section 4.1).
struct CertificateContent {
    /// The content of the serial number's INTEGER.
    var serialNumber: [UInt8]
    /// The issuer's name, encoded.
    var issuer: [UInt8]
    /// The first second of validity, in Unix seconds.
    var notBefore: Int64
    /// The last second of validity, in Unix seconds.
    var notAfter: Int64
    /// The subject's name, encoded.
    var subject: [UInt8]
    /// The SubjectPublicKeyInfo.
    var publicKey: [UInt8]
    /// The extensions, each encoded, in the order in which they are written.
    var extensions: [[UInt8]]

    /// The certificate, signed by the issuer's key.
    ///
    /// - Throws: ``PKIError`` with `signingFailed`.
    func signed(by key: PrivateKey) throws(PKIError) -> [UInt8] {
        let content = DERWriter.sequence(capacity: 1_024) { fields in
            // Version 3, the only one with extensions.
            fields.field(DERTag.constructed(0)) { $0.integer(2) }
            fields.integer(content: self.serialNumber)
            fields.encoded(key.algorithmIdentifier)
            fields.encoded(self.issuer)
            fields.sequence { validity in
                validity.time(unixSeconds: self.notBefore)
                validity.time(unixSeconds: self.notAfter)
            }
            fields.encoded(self.subject)
            fields.encoded(self.publicKey)
            fields.field(DERTag.constructed(3)) { tagged in
                tagged.sequence { list in
                    for entry in self.extensions { list.encoded(entry) }
                }
            }
        }
        return try SignedEncoding.encode(content, key: key)
    }
}
