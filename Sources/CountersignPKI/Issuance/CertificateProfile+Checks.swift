package import CountersignIdentity

extension CertificateProfile {
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
        for name in self.dnsNames {
            do {
                _ = try HostPattern(parsing: name)
            } catch {
                throw PKIError(.invalidProfile, error.message)
            }
        }
        for uri in self.revocationListURIs + self.ocspURIs { try SubjectRules.check(location: uri) }
        try self.checkSubject()
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

    private var namesSomebody: Bool {
        self.spiffeID != nil || self.commonName != nil || self.cloudFoundry != nil || !self.dnsNames.isEmpty
            || !self.addresses.isEmpty
    }

    private func checkSubject() throws(PKIError) {
        let subject = self.subject
        try SubjectRules.check(subject)
        // A unit that reads like an instance identity, or imitates one, must come from the identity field alone.
        let read: CloudFoundryIdentity?
        do {
            read = try CloudFoundryIdentity(subject: subject)
        } catch {
            throw PKIError(.invalidProfile, "the subject would be ambiguous: \(error.explanation)")
        }
        guard read == self.cloudFoundry else {
            throw PKIError(.invalidProfile, "an organizational unit claims to be an app; use the app's own option")
        }
    }
}
