import CountersignIdentity
package import CountersignPKI

/// What the options of `issue` say about the certificate's holder.
package struct IssueNames: Sendable {
    /// A whole SPIFFE ID.
    package var spiffeID: String?
    /// The trust domain of an ID made from ``namespace`` and ``service``.
    package var trustDomain: String?
    /// The namespace: with ``service``, `spiffe://{trust domain}/ns/{namespace}/sa/{service}`.
    package var namespace: String?
    /// The service: without ``namespace``, `spiffe://{trust domain}/service/{service}`.
    package var service: String?
    /// DNS names.
    package var dnsNames: [String] = []
    /// IP addresses.
    package var addresses: [String] = []
    /// The common name.
    package var commonName: String?
    /// The organization.
    package var organization: String?
    /// The organizational units.
    package var organizationalUnits: [String] = []
    /// The country, two letters.
    package var country: String?
    /// The Cloud Foundry app.
    package var app: String?
    /// The Cloud Foundry space.
    package var space: String?
    /// The Cloud Foundry organization.
    package var cloudFoundryOrganization: String?
    /// What the key is for: `both`, `server` or `client`.
    package var usage = "both"
    /// How long the certificate is valid, such as `1h` or `90d`.
    package var lifetime = "1h"
    /// Where the revocation list is.
    package var revocationListURIs: [String] = []
    /// Where OCSP is answered.
    package var ocspURIs: [String] = []

    /// No names yet.
    package init() {}

    /// The profile that the options describe; without any name, the one that the request asks for.
    ///
    /// - Throws: ``ToolError`` for an option that does not parse.
    package func profile(for request: SigningRequest?) throws(ToolError) -> CertificateProfile {
        guard let seconds = Lifetime.seconds(parsing: self.lifetime) else {
            throw ToolError(
                "--ttl '\(PrintableText.escaped(self.lifetime))' must be a number and s, m, h or d, as in 90d"
            )
        }
        guard seconds <= CertificateProfile.maximumLifetimeSeconds else {
            throw ToolError(
                "--ttl '\(PrintableText.escaped(self.lifetime))' is longer than the longest that is issued, "
                    + "\(CertificateProfile.maximumLifetimeSeconds / 86_400)d"
            )
        }
        var profile = CertificateProfile(lifetimeSeconds: seconds)
        guard let usage = CertificateProfile.Usage(rawValue: self.usage) else {
            throw ToolError("--usage '\(PrintableText.escaped(self.usage))' must be both, server or client")
        }
        profile.usage = usage
        profile.revocationListURIs = self.revocationListURIs
        profile.ocspURIs = self.ocspURIs
        for uri in self.revocationListURIs { try Self.option("--crl-url") { try CertificateProfile.check(uri: uri) } }
        for uri in self.ocspURIs { try Self.option("--ocsp-url") { try CertificateProfile.check(uri: uri) } }
        if let request, self.isEmpty {
            profile.takeNames(askedForBy: request)
            return profile
        }
        profile.spiffeID = try self.identifier()
        profile.cloudFoundry = try self.cloudFoundry()
        for address in self.addresses {
            profile.addresses.append(try Self.option("--ip") { try IPAddress(parsing: address) })
        }
        try self.takeNames(into: &profile)
        return profile
    }

    /// Checks the names that are plain texts, and puts them into the profile.
    private func takeNames(into profile: inout CertificateProfile) throws(ToolError) {
        for name in self.dnsNames { try Self.option("--dns") { try CertificateProfile.check(dnsName: name) } }
        if let country = self.country {
            try Self.option("--country") { try CertificateProfile.check(country: country) }
        }
        let commonName = (self.commonName == nil ? "--service" : "--cn", [self.commonName ?? self.service])
        let values = [("--org", [self.organization]), ("--ou", self.organizationalUnits), commonName]
        for (name, texts) in values {
            for text in texts.compactMap(\.self) {
                try Self.option(name) { try CertificateProfile.check(subjectValue: text) }
            }
        }
        profile.dnsNames = self.dnsNames
        profile.organizations = [self.organization].compactMap { $0 }
        profile.organizationalUnits = self.organizationalUnits
        profile.countries = [self.country].compactMap { $0 }
        profile.commonName = self.commonName ?? self.service
        if self.dnsNames.isEmpty, let service = self.service, (try? HostPattern(parsing: service)) != nil {
            profile.dnsNames = [service]
        }
        guard profile.namesSomebody else {
            throw ToolError("say whom to name with --spiffe-id, --service, --dns, --ip, --cn or --cf-app")
        }
        try Self.option("--ou") { try profile.checkUnits() }
        try Self.option("--dns and --ip") { try profile.check() }
    }

    /// What `read` gives; its error, as one of the option.
    private static func option<Value>(_ name: String, _ read: () throws -> Value) throws(ToolError) -> Value {
        do {
            return try read()
        } catch let error as IdentityError {
            throw ToolError("\(name): \(error.message)")
        } catch let error as PKIError {
            throw ToolError("\(name): \(error.message)")
        } catch {
            throw ToolError("\(name): \(error)")
        }
    }

    private var isEmpty: Bool {
        self.spiffeID == nil && self.service == nil && self.dnsNames.isEmpty && self.addresses.isEmpty
            && self.commonName == nil && self.app == nil && self.organization == nil && self.space == nil
            && self.cloudFoundryOrganization == nil && self.namespace == nil && self.trustDomain == nil
            && self.organizationalUnits.isEmpty && self.country == nil
    }

    private func identifier() throws(ToolError) -> SPIFFEID? {
        if let id = self.spiffeID {
            guard self.service == nil, self.namespace == nil, self.trustDomain == nil else {
                throw ToolError("--spiffe-id excludes --trust-domain, --namespace and --service")
            }
            let identifier = try Self.option("--spiffe-id") { try SPIFFEID(parsing: id) }
            guard identifier.namesWorkload else {
                throw ToolError(
                    "--spiffe-id: \(identifier) names a trust domain; a certificate needs an ID with a path"
                )
            }
            return identifier
        }
        guard let service = self.service else {
            if self.namespace != nil { throw ToolError("--namespace needs --service") }
            if self.trustDomain != nil { throw ToolError("--trust-domain needs --service") }
            return nil
        }
        guard let name = self.trustDomain else { throw ToolError("--service needs --trust-domain") }
        let domain = try Self.option("--trust-domain") { try TrustDomain(parsing: name) }
        guard let namespace = self.namespace else {
            return try Self.option("--service") { try .service(trustDomain: domain, name: service) }
        }
        // The namespace alone first, so that the error names the option at fault.
        _ = try Self.option("--namespace") {
            try SPIFFEID.workload(trustDomain: domain, namespace: namespace, serviceAccount: "any")
        }
        return try Self.option("--service") {
            try .workload(trustDomain: domain, namespace: namespace, serviceAccount: service)
        }
    }

    private func cloudFoundry() throws(ToolError) -> CloudFoundryIdentity? {
        guard let app = self.app else {
            if self.space != nil || self.cloudFoundryOrganization != nil {
                throw ToolError("--cf-space and --cf-org need --cf-app")
            }
            return nil
        }
        return CloudFoundryIdentity(
            app: try Self.option("--cf-app") { try CloudFoundryGUID(parsing: app) },
            space: try Self.option("--cf-space") { try self.space.map { try CloudFoundryGUID(parsing: $0) } },
            organization: try Self.option("--cf-org") {
                try self.cloudFoundryOrganization.map { try CloudFoundryGUID(parsing: $0) }
            }
        )
    }
}
