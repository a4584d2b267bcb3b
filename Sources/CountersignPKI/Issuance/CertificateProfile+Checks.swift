package import CountersignIdentity

extension CertificateProfile {
    /// Refuses a profile that would make a certificate that nobody should accept.
    ///
    /// - Throws: ``PKIError`` with `invalidProfile`, naming the first field at fault.
    package func check() throws(PKIError) {
        guard self.lifetimeSeconds > 0, self.lifetimeSeconds <= Self.maximumLifetimeSeconds else {
            throw PKIError(
                .invalidProfile,
                "a lifetime of \(self.lifetimeSeconds) seconds; it must be from 1 to \(Self.maximumLifetimeSeconds)"
            )
        }
        guard (0...86_400).contains(self.backdateSeconds) else {
            throw PKIError(.invalidProfile, "backdating by \(self.backdateSeconds) seconds; at most a day is allowed")
        }
        guard self.dnsNames.count + self.addresses.count <= Self.maximumNames else {
            throw PKIError(.invalidProfile, "more than \(Self.maximumNames) names in one certificate")
        }
        guard self.namesSomebody else {
            throw PKIError(
                .invalidProfile,
                "the certificate would name nobody; give a SPIFFE ID, a DNS name, an address, a CN or an app"
            )
        }
        if let id = self.spiffeID, !id.namesWorkload {
            throw PKIError(.invalidProfile, "\(id) names a trust domain; a certificate needs an ID with a path")
        }
        for name in self.dnsNames { try Self.check(dnsName: name) }
        for uri in self.revocationListURIs + self.ocspURIs { try Self.check(uri: uri) }
        try SubjectRules.check(self.subject)
        try self.checkUnits()
    }

    /// Refuses a DNS name that is neither a host name nor `*.` and a host name.
    ///
    /// - Throws: ``PKIError`` with `invalidProfile`.
    package static func check(dnsName name: String) throws(PKIError) {
        do {
            _ = try HostPattern(parsing: name)
        } catch {
            throw PKIError(.invalidProfile, error.message)
        }
    }

    /// Refuses the address of a revocation list or of OCSP that is no http or https URI.
    ///
    /// - Throws: ``PKIError`` with `invalidProfile`.
    package static func check(uri: String) throws(PKIError) {
        guard uri.hasPrefix("http://") || uri.hasPrefix("https://"), uri.utf8.count <= 2_048,
            uri.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
        else { throw PKIError(.invalidProfile, "'\(PrintableText.escaped(uri))' is not an http or https URI") }
    }

    /// Refuses a country that is not two capital letters (ISO 3166-1).
    ///
    /// - Throws: ``PKIError`` with `invalidProfile`.
    package static func check(country: String) throws(PKIError) {
        guard country.utf8.count == 2, country.utf8.allSatisfy({ (0x41...0x5A).contains($0) }) else {
            throw PKIError(.invalidProfile, "the country '\(PrintableText.escaped(country))' is not two letters A-Z")
        }
    }

    /// Refuses an attribute of the subject that is empty, too long or has control characters.
    ///
    /// - Throws: ``PKIError`` with `invalidProfile`.
    package static func check(subjectValue value: String) throws(PKIError) {
        guard !value.isEmpty, value.unicodeScalars.count <= Self.maximumAttributeLength,
            !value.unicodeScalars.contains(where: \.isControl)
        else {
            throw PKIError(
                .invalidProfile,
                "the subject value '\(PrintableText.escaped(value))' must have 1 to "
                    + "\(Self.maximumAttributeLength) characters and no control characters"
            )
        }
    }

    /// Refuses organizational units that read like an instance identity, or imitate one: it must come from the identity
    /// field alone.
    ///
    /// - Throws: ``PKIError`` with `invalidProfile`.
    package func checkUnits() throws(PKIError) {
        let read: CloudFoundryIdentity?
        do {
            read = try CloudFoundryIdentity(subject: self.subject)
        } catch {
            throw PKIError(.invalidProfile, "the subject would be ambiguous: \(error.explanation)")
        }
        guard read == self.cloudFoundry else {
            throw PKIError(.invalidProfile, "an organizational unit claims to be an app; use the app's own option")
        }
    }

    /// The subject as it will be written: the most general attribute first.
    package var subject: CountersignIdentity.DistinguishedName {
        var levels: [CountersignIdentity.RelativeDistinguishedName] = []
        levels += self.countries.map { .init(.country, $0) }
        levels += self.organizations.map { .init(.organization, $0) }
        levels += self.organizationalUnits.map { .init(.organizationalUnit, $0) }
        if let identity = self.cloudFoundry {
            if let organization = identity.organization {
                levels.append(.init(.organizationalUnit, "organization:\(organization)"))
            }
            if let space = identity.space { levels.append(.init(.organizationalUnit, "space:\(space)")) }
            levels.append(.init(.organizationalUnit, "app:\(identity.app)"))
        }
        if let name = self.commonName { levels.append(.init(.commonName, name)) }
        return CountersignIdentity.DistinguishedName(encodingOrder: levels)
    }

    /// Whether the certificate would name anyone at all.
    package var namesSomebody: Bool {
        self.spiffeID != nil || self.commonName != nil || self.cloudFoundry != nil || !self.dnsNames.isEmpty
            || !self.addresses.isEmpty
    }
}

extension Unicode.Scalar {
    /// Whether it is a control character; all of the category Cc are below 256.
    fileprivate var isControl: Bool {
        self.value < 0x20 || (0x7F...0x9F).contains(self.value)
    }
}
