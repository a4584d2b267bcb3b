extension IssuingAuthority {
    /// Makes and signs a revocation list: a base list, or with a base number a delta list.
    ///
    /// The entries keep their order; whoever wants equal lists to be equal byte for byte sorts them.
    ///
    /// - Returns: The DER encoding.
    /// - Throws: ``PKIError`` with `invalidProfile` for content that contradicts itself, `mayNotSignRevocationLists`, or
    ///   `signingFailed`.
    package func revocationList(_ content: RevocationListContent) throws(PKIError) -> [UInt8] {
        try content.check()
        guard self.certificate.extensions.keyUsage?.contains(.revocationListSigning) ?? true else {
            throw PKIError(
                .mayNotSignRevocationLists,
                "\(self.certificate.label) may not sign revocation lists; its keyUsage must have cRLSign"
            )
        }
        let encoded = RevocationListWriter.write(
            content,
            issuer: self.certificate.subjectDER,
            algorithm: self.key.algorithmIdentifier,
            authorityKeyIdentifier: self.authorityKeyIdentifier
        )
        return try SignedEncoding.encode(encoded, key: self.key)
    }
}
