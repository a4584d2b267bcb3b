package import CountersignIdentity

/// What the certificate of an authority, root or intermediate, is to say.
package struct AuthorityProfile: Sendable, Hashable {
    /// The authority's name; for an intermediate, an empty one means the name in the request.
    package var subject = DistinguishedName.empty
    /// How long the certificate is valid from now, in seconds; never past its issuer's end.
    package var lifetimeSeconds: Int64
    /// How far before now validity begins, in seconds.
    package var backdateSeconds: Int64 = 30
    /// How many authorities may stand between this one and a leaf; nil for no limit.
    package var pathLength: Int?
    /// The trust domain that the authority speaks for, written as its SPIFFE ID without a path.
    package var trustDomain: TrustDomain?
    /// The trust domains that identities below must lie in; without any, all.
    package var permittedTrustDomains: [TrustDomain] = []
    /// The domains that DNS names below must lie in, subdomains included; without any, all.
    package var permittedDNSNames: [String] = []
    /// Where the issuer's revocation list is to be had, as `http:` URIs.
    package var revocationListURIs: [String] = []
    /// Where the issuer answers OCSP, as `http:` URIs.
    package var ocspURIs: [String] = []
    /// Where the issuer's certificate is to be had, as `http:` URIs.
    package var issuerURIs: [String] = []

    /// The longest lifetime of an authority, in seconds: thirty years.
    package static let maximumLifetimeSeconds: Int64 = 30 * 366 * 86_400

    /// A profile without any name yet.
    package init(lifetimeSeconds: Int64, pathLength: Int?) {
        self.lifetimeSeconds = lifetimeSeconds
        self.pathLength = pathLength
    }
}

extension AuthorityProfile {
    /// Refuses a profile that would make a certificate that nobody should accept.
    ///
    /// - Throws: ``PKIError`` with `invalidProfile`, naming the first field at fault.
    func check() throws(PKIError) {
        guard self.lifetimeSeconds > 0, self.lifetimeSeconds <= Self.maximumLifetimeSeconds else {
            throw PKIError(
                .invalidProfile,
                "a lifetime of \(self.lifetimeSeconds) seconds; it must be from 1 to \(Self.maximumLifetimeSeconds)"
            )
        }
        guard (0...86_400).contains(self.backdateSeconds) else {
            throw PKIError(.invalidProfile, "backdating by \(self.backdateSeconds) seconds; at most a day is allowed")
        }
        guard (0...Self.maximumPathLength).contains(self.pathLength ?? 0) else {
            throw PKIError(.invalidProfile, "a path length that is not from 0 to \(Self.maximumPathLength)")
        }
        try SubjectRules.check(self.subject)
        for name in self.permittedDNSNames {
            guard (try? HostPattern(parsing: name)).map({ !$0.isWildcard }) ?? false else {
                throw PKIError(
                    .invalidProfile,
                    "'\(PrintableText.escaped(name))' is not a domain; write example.com, which has its subdomains in it"
                )
            }
        }
        if let domain = self.trustDomain, !self.permittedTrustDomains.isEmpty,
            !self.permittedTrustDomains.contains(domain)
        {
            throw PKIError(.invalidProfile, "an authority for \(domain) whose constraints do not permit \(domain)")
        }
        for uri in self.revocationListURIs + self.ocspURIs + self.issuerURIs { try CertificateProfile.check(uri: uri) }
    }

    /// The extensions besides those that name keys.
    var extensions: [[UInt8]] {
        var extensions: [[UInt8]] = []
        if let domain = self.trustDomain {
            extensions.append(
                ExtensionEncoding.alternativeNames([.uri("spiffe://\(domain)")], critical: false)
            )
        }
        let permitted =
            self.permittedTrustDomains.map { AlternativeName.uri($0.name) }
            + self.permittedDNSNames.map { AlternativeName.dns($0.lowercased()) }
        if !permitted.isEmpty { extensions.append(ExtensionEncoding.nameConstraints(permitted: permitted)) }
        if !self.revocationListURIs.isEmpty {
            extensions.append(ExtensionEncoding.distributionPoints(self.revocationListURIs))
        }
        if !self.ocspURIs.isEmpty || !self.issuerURIs.isEmpty {
            extensions.append(ExtensionEncoding.access(ocsp: self.ocspURIs, issuers: self.issuerURIs))
        }
        return extensions
    }

    private static let maximumPathLength = 8
}
