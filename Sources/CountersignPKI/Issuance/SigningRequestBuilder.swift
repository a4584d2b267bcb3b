package import CountersignIdentity

/// A certificate request to be made (PKCS#10, RFC 2986): of a leaf, or of an intermediate authority.
package struct SigningRequestBuilder: Sendable {
    /// The name that is asked for; an authority may know better by itself.
    package var subject = DistinguishedName.empty
    /// The alternative names that are asked for.
    package var names: [AlternativeName] = []
    /// Whether the request asks to be a certificate authority.
    package var isAuthority = false
    /// With ``isAuthority``, how many authorities may stand between that one and a leaf; nil for no wish.
    package var pathLength: Int?

    /// A request that asks for nothing but a certificate.
    package init() {}

    /// The request for a key, signed by it.
    ///
    /// - Throws: ``PKIError`` with `invalidProfile` for a subject that cannot be encoded, or `signingFailed`.
    package func request(for key: PrivateKey) throws(PKIError) -> SigningRequest {
        let subject = try NameEncoding.encode(self.subject)
        let extensions = self.extensions
        let info = DERWriter.sequence(capacity: 512) { fields in
            fields.integer(0)
            fields.encoded(subject)
            fields.encoded(key.publicKey.derEncoded)
            // The attributes are not optional, even where there are none.
            fields.field(DERTag.constructed(0)) { attributes in
                guard !extensions.isEmpty else { return }
                attributes.sequence { attribute in
                    attribute.objectIdentifier(.extensionRequest)
                    attribute.field(DERTag.set) { values in
                        values.sequence { list in
                            for entry in extensions { list.encoded(entry) }
                        }
                    }
                }
            }
        }
        return try SigningRequest(der: try SignedEncoding.encode(info, key: key), key: key.publicKey)
    }

    private var extensions: [[UInt8]] {
        var extensions: [[UInt8]] = []
        if self.isAuthority {
            extensions.append(ExtensionEncoding.authority(pathLength: self.pathLength))
            extensions.append(
                ExtensionEncoding.keyUsage([.digitalSignature, .certificateSigning, .revocationListSigning])
            )
        }
        if !self.names.isEmpty {
            extensions.append(ExtensionEncoding.alternativeNames(self.names, critical: self.subject.isEmpty))
        }
        return extensions
    }
}
