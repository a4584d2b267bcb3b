package import CountersignIdentity
package import CountersignPKI

/// What a leaf has to be so that it is an X.509-SVID (SPIFFE X.509-SVID sections 2 to 5).
package enum X509SVIDRules {
    /// The SPIFFE ID of a leaf.
    ///
    /// - Throws: ``WorkloadError`` that says which rule it breaks.
    package static func identity(of leaf: ParsedCertificate) throws(WorkloadError) -> SPIFFEID {
        let extensions = leaf.extensions
        let names = extensions.alternativeNames.compactMap { name -> String? in
            if case .uri(let uri) = name { uri } else { nil }
        }
        guard names.count == 1 else {
            throw WorkloadError("the certificate has \(names.count) names that are URIs; an X.509-SVID has exactly one")
        }
        let id: SPIFFEID
        do throws(IdentityError) {
            id = try SPIFFEID(parsing: names[0])
        } catch {
            throw WorkloadError("the certificate's name is no SPIFFE ID: \(error)")
        }
        guard !id.path.isEmpty else { throw WorkloadError("\(id) names a trust domain, and not a workload of it") }
        try checkUse(of: leaf)
        if leaf.subject.isEmpty, !extensions.isCritical(.subjectAlternativeName) {
            throw WorkloadError("the certificate of \(id) has no subject, and its alternative names are not critical")
        }
        return id
    }

    private static func checkUse(of leaf: ParsedCertificate) throws(WorkloadError) {
        let extensions = leaf.extensions
        guard !(extensions.basicConstraints?.isAuthority ?? false) else {
            throw WorkloadError("the certificate is an authority's; an X.509-SVID's is not")
        }
        guard let usage = extensions.keyUsage, extensions.isCritical(.keyUsage), usage.contains(.digitalSignature)
        else {
            throw WorkloadError("the certificate has no critical key usage with digitalSignature")
        }
        guard usage.isDisjoint(with: [.certificateSigning, .revocationListSigning]) else {
            throw WorkloadError(
                "the certificate's key may sign certificates or revocation lists; that of an SVID may not"
            )
        }
        if let purposes = extensions.extendedKeyUsage, !purposes.allowsServer || !purposes.allowsClient {
            throw WorkloadError("the certificate's extended key usage lacks serverAuth or clientAuth")
        }
    }
}
