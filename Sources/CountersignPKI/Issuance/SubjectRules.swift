import CountersignIdentity

/// What may be written into a certificate besides the names that are checked by their own types.
enum SubjectRules {
    /// Refuses values that RFC 5280 has no room for, or that a reader could take for more than a value.
    ///
    /// - Throws: ``PKIError`` with `invalidProfile`.
    static func check(_ subject: DistinguishedName) throws(PKIError) {
        for attribute in subject.attributes {
            guard let text = attribute.text else { continue }
            if attribute.type == .country { try CertificateProfile.check(country: text) }
            try CertificateProfile.check(subjectValue: text)
        }
    }
}
