import CountersignIdentity
import CountersignIssuance
import CountersignPKI

/// What a certificate is going to say, worked out from registration, profile and order.
struct IssuancePlan {
    /// The registered service, where the holder is one.
    var service: String?
    /// The name of the issuance profile.
    var profileName: String
    /// The certificate's content.
    var profile: CertificateProfile
    /// The kind of key to generate when none was sent.
    var keyKind: PrivateKey.Kind
    /// When the holder should renew.
    var renewal: RenewalRule
}

extension AuthorityEngine {
    /// Works out the certificate of an order.
    ///
    /// - Throws: ``AuthorityError`` with `unknownService`, `unknownProfile`, `nameNotAllowed` or `malformedRequest`.
    func plan(_ order: IssuanceOrder) throws(AuthorityError) -> IssuancePlan {
        switch order.holder {
        case .service(let name): try plan(for: try service(name), order)
        case .agent(let agent):
            try plan(path: "agent/\(agent.name)", commonName: agent.name, profileName: "agent", order)
        case .authority: try plan(path: "authority", commonName: "authority", profileName: "authority", order)
        }
    }

    private func plan(
        for service: ServiceRegistration,
        _ order: IssuanceOrder
    ) throws(AuthorityError) -> IssuancePlan {
        let issuance = try profile(order.profile ?? service.profile)
        var lifetime = issuance.lifetimeSeconds
        if let wanted = order.lifetimeSeconds {
            guard wanted > 0, wanted <= lifetime else {
                throw AuthorityError(
                    .malformedRequest,
                    "a lifetime of \(wanted) seconds; the profile '\(issuance.name)' allows 1 to \(lifetime)"
                )
            }
            lifetime = wanted
        }
        var profile = CertificateProfile(lifetimeSeconds: lifetime)
        profile.backdateSeconds = issuance.backdateSeconds
        profile.usage = issuance.usage
        profile.spiffeID = service.spiffeID
        profile.dnsNames = try Self.chosen(order.dnsNames, from: service.dnsNames, of: service.name) { $0.lowercased() }
        profile.addresses = try Self.chosen(order.addresses, from: service.addresses, of: service.name) { $0 }
        profile.commonName = try Self.commonName(order.commonName, of: service)
        profile.countries = issuance.countries
        profile.organizations = issuance.organizations
        profile.organizationalUnits = issuance.organizationalUnits
        profile.cloudFoundry = service.cloudFoundry
        addPublicURLs(to: &profile)
        return IssuancePlan(
            service: service.name,
            profileName: issuance.name,
            profile: profile,
            keyKind: issuance.keyKind,
            renewal: issuance.renewal
        )
    }

    private func plan(
        path: String,
        commonName: String,
        profileName: String,
        _ order: IssuanceOrder
    ) throws(AuthorityError) -> IssuancePlan {
        var profile = CertificateProfile(lifetimeSeconds: settings.agentLifetimeSeconds)
        do {
            profile.spiffeID = try SPIFFEID(parsing: "spiffe://\(settings.trustDomain)/\(path)")
        } catch {
            throw AuthorityError(.malformedRequest, "'\(commonName.prefix(128))' cannot be in a SPIFFE ID: \(error)")
        }
        profile.commonName = commonName.utf8.count <= 64 ? commonName : nil
        if case .authority = order.holder {
            profile.dnsNames = order.dnsNames ?? []
            profile.addresses = order.addresses ?? []
        }
        addPublicURLs(to: &profile)
        return IssuancePlan(
            service: nil,
            profileName: profileName,
            profile: profile,
            keyKind: .p256,
            renewal: .fraction(0.5)
        )
    }

    private func addPublicURLs(to profile: inout CertificateProfile) {
        guard let url = settings.publicURL else { return }
        profile.revocationListURIs = ["\(url)\(PublicPaths.revocationList(issuer.keyID))"]
        profile.ocspURIs = ["\(url)\(PublicPaths.ocsp)"]
    }

    private static func commonName(
        _ wanted: String?,
        of service: ServiceRegistration
    ) throws(AuthorityError) -> String? {
        let name = wanted ?? service.name
        guard name == service.name || service.mayBe(name) else { throw .foreign(name, to: service.name) }
        // RFC 5280 appendix A.1 has room for 64 characters; longer names stand among the alternative names alone.
        return name.utf8.count <= 64 ? name : nil
    }

    private static func chosen<Name, Key: Hashable>(
        _ wanted: [Name]?,
        from allowed: [Name],
        of service: String,
        key: (Name) -> Key
    ) throws(AuthorityError) -> [Name] {
        guard let wanted else { return allowed }
        let known = Set(allowed.map(key))
        for name in wanted where !known.contains(key(name)) {
            throw AuthorityError(
                .nameNotAllowed,
                "'\(name)' is not among the names of the service '\(service)'; register it first"
            )
        }
        return wanted
    }
}
