/// What RFC 5280 demands of conforming authorities beyond what security needs: the rules of the strict profile.
enum StrictRules {
    /// What is wrong with a certificate that is believed for a signature's sake; nil when nothing is.
    static func faultOfNonAnchor(_ certificate: ParsedCertificate) -> ChainRejection? {
        if certificate.extensions.authorityKeyIdentifier?.keyIdentifier == nil {
            return ChainRejection(
                .malformed,
                "\(certificate.label) has no authorityKeyIdentifier with a key identifier"
            )
        }
        for case .dns(let name) in certificate.extensions.alternativeNames where name.utf8.contains(UInt8(ascii: "_")) {
            return ChainRejection(.malformed, "\(certificate.label) has the DNS name '\(name)', which is no host name")
        }
        return self.faultOfPolicies(certificate)
    }

    /// What is wrong with a leaf that carries a SPIFFE ID; nil when nothing is.
    static func faultOfWorkload(_ leaf: ParsedCertificate) -> ChainRejection? {
        let extensions = leaf.extensions
        guard extensions.keyUsage != nil, extensions.isCritical(.keyUsage) else {
            return ChainRejection(.malformed, "\(leaf.label) has a SPIFFE ID and no critical key usage")
        }
        if let purposes = extensions.extendedKeyUsage, !purposes.allowsServer || !purposes.allowsClient {
            return ChainRejection(.malformed, "\(leaf.label) has a SPIFFE ID and not both of serverAuth and clientAuth")
        }
        return nil
    }

    /// What is wrong with an issuer; nil when nothing is.
    static func faultOfIssuer(_ issuer: ParsedCertificate, isAnchor: Bool) -> ChainRejection? {
        let extensions = issuer.extensions
        if !extensions.isCritical(.basicConstraints) {
            return ChainRejection(.malformed, "\(issuer.label) has a basicConstraints that is not critical")
        }
        if extensions.subjectKeyIdentifier == nil {
            return ChainRejection(.malformed, "\(issuer.label) is an authority without a subjectKeyIdentifier")
        }
        if extensions.nameConstraints != nil, !extensions.isCritical(.nameConstraints) {
            return ChainRejection(.malformed, "\(issuer.label) has nameConstraints that are not critical")
        }
        if extensions.keyUsage == nil, !isAnchor {
            return ChainRejection(.malformed, "\(issuer.label) is an authority without a keyUsage")
        }
        guard isAnchor else { return nil }
        if let named = extensions.authorityKeyIdentifier, named.keyIdentifier == nil {
            return ChainRejection(.malformed, "the authorityKeyIdentifier of \(issuer.label) names no key")
        }
        return self.faultOfPolicies(issuer)
    }

    /// Constraints on policies are void when they are not critical.
    private static func faultOfPolicies(_ certificate: ParsedCertificate) -> ChainRejection? {
        for identifier in [OID.policyConstraints, .inhibitAnyPolicy]
        where certificate.extensions.all.contains(where: { $0.identifier == identifier && !$0.isCritical }) {
            return ChainRejection(
                .malformed,
                "\(certificate.label) has the extension \(identifier), which must be critical"
            )
        }
        return nil
    }
}
