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
        if let request, self.isEmpty {
            profile.takeNames(askedForBy: request)
            return profile
        }
        do {
            profile.spiffeID = try self.identifier()
            profile.cloudFoundry = try self.cloudFoundry()
            for address in self.addresses { profile.addresses.append(try IPAddress(parsing: address)) }
        } catch let error as IdentityError {
            throw ToolError(error.message)
        } catch let error as ToolError {
            throw error
        } catch {
            throw ToolError("\(error)")
        }
        profile.dnsNames = self.dnsNames
        profile.organizations = [self.organization].compactMap { $0 }
        profile.organizationalUnits = self.organizationalUnits
        profile.countries = [self.country].compactMap { $0 }
        profile.commonName = self.commonName ?? self.service
        if self.dnsNames.isEmpty, let service = self.service, (try? HostPattern(parsing: service)) != nil {
            profile.dnsNames = [service]
        }
        return profile
    }

    private var isEmpty: Bool {
        self.spiffeID == nil && self.service == nil && self.dnsNames.isEmpty && self.addresses.isEmpty
            && self.commonName == nil && self.app == nil && self.organization == nil && self.space == nil
            && self.cloudFoundryOrganization == nil && self.namespace == nil && self.trustDomain == nil
            && self.organizationalUnits.isEmpty && self.country == nil
    }

    private func identifier() throws -> SPIFFEID? {
        if let id = self.spiffeID {
            guard self.service == nil, self.namespace == nil, self.trustDomain == nil else {
                throw ToolError("--spiffe-id excludes --trust-domain, --namespace and --service")
            }
            return try SPIFFEID(parsing: id)
        }
        guard let service = self.service else {
            if self.namespace != nil { throw ToolError("--namespace needs --service") }
            if self.trustDomain != nil { throw ToolError("--trust-domain needs --service") }
            return nil
        }
        guard let name = self.trustDomain else { throw ToolError("--service needs --trust-domain") }
        let domain = try TrustDomain(parsing: name)
        guard let namespace = self.namespace else { return try .service(trustDomain: domain, name: service) }
        return try .workload(trustDomain: domain, namespace: namespace, serviceAccount: service)
    }

    private func cloudFoundry() throws -> CloudFoundryIdentity? {
        guard let app = self.app else {
            if self.space != nil || self.cloudFoundryOrganization != nil {
                throw ToolError("--cf-space and --cf-org need --cf-app")
            }
            return nil
        }
        return CloudFoundryIdentity(
            app: try CloudFoundryGUID(parsing: app),
            space: try self.space.map { try CloudFoundryGUID(parsing: $0) },
            organization: try self.cloudFoundryOrganization.map { try CloudFoundryGUID(parsing: $0) }
        )
    }
}
