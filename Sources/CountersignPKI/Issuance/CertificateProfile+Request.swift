import CountersignIdentity

extension CertificateProfile {
    /// Takes the names that a request asks for; for an operator who has read the request and holds the authority's key.
    ///
    /// What a profile cannot say is left out, so that signing then refuses the request by naming it.
    package mutating func takeNames(askedForBy request: SigningRequest) {
        for name in request.extensions.alternativeNames {
            switch name {
            case .dns(let name): self.dnsNames.append(name)
            case .uri(let uri): self.spiffeID = self.spiffeID ?? (try? SPIFFEID(parsing: uri))
            case .ip(let bytes):
                if let address = IPAddress(networkBytes: bytes.span) { self.addresses.append(address) }
            case .email, .directory, .other: break
            }
        }
        let subject = request.subject.distinguishedName
        self.commonName = subject.commonNames.last
        self.organizations = subject.organizations
        self.countries = subject.texts(of: .country)
        self.cloudFoundry = try? CloudFoundryIdentity(subject: subject)
        let identityPrefixes = ["app:", "space:", "organization:"]
        self.organizationalUnits = subject.organizationalUnits.filter { unit in
            !identityPrefixes.contains { unit.hasPrefix($0) }
        }
    }
}
