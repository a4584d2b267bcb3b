import CountersignIdentity

/// What may be written into a certificate besides the names that are checked by their own types.
enum SubjectRules {
    /// Refuses values that RFC 5280 has no room for, or that a reader could take for more than a value.
    ///
    /// - Throws: ``PKIError`` with `invalidProfile`.
    static func check(_ subject: DistinguishedName) throws(PKIError) {
        for attribute in subject.attributes {
            guard let text = attribute.text else { continue }
            if attribute.type == .country {
                guard text.utf8.count == 2, text.utf8.allSatisfy({ (0x41...0x5A).contains($0) }) else {
                    throw PKIError(
                        .invalidProfile,
                        "the country '\(PrintableText.escaped(text))' is not two letters A-Z"
                    )
                }
            }
            guard !text.isEmpty, text.unicodeScalars.count <= CertificateProfile.maximumAttributeLength,
                !text.unicodeScalars.contains(where: { $0.properties.generalCategory == .control })
            else {
                throw PKIError(
                    .invalidProfile,
                    "the subject value '\(PrintableText.escaped(text))' must have 1 to "
                        + "\(CertificateProfile.maximumAttributeLength) characters and no control characters"
                )
            }
        }
    }

    /// Refuses what is no location of a revocation list, a responder or a certificate.
    ///
    /// - Throws: ``PKIError`` with `invalidProfile`.
    static func check(location uri: String) throws(PKIError) {
        guard uri.hasPrefix("http://") || uri.hasPrefix("https://"), uri.utf8.count <= 2_048,
            uri.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
        else { throw PKIError(.invalidProfile, "'\(PrintableText.escaped(uri))' is not an http or https URI") }
    }
}
