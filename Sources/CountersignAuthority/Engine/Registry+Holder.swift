import CountersignIdentity
package import CountersignIssuance
import CountersignPKI

extension Registry {
    /// The one service that all these names belong to.
    ///
    /// - Parameters:
    ///   - names: what the certificate is to carry.
    ///   - commonName: the common name, where there is one: a service's name or one of its DNS names.
    ///   - fallback: the service to take when nothing at all is named.
    /// - Throws: ``AuthorityError`` with `nameNotAllowed`, or `malformedRequest` when nothing is named.
    package func holder(
        of names: RequestedNames,
        commonName: String?,
        fallback: String?
    ) throws(AuthorityError) -> ServiceRegistration {
        guard let service = firstHolder(of: names, commonName, fallback) else {
            guard let name = names.first ?? commonName else {
                throw AuthorityError(.malformedRequest, "the request names nothing; give hosts or a common name")
            }
            throw AuthorityError(
                .nameNotAllowed,
                "'\(PrintableText.escaped(String(name.prefix(256))))' belongs to no registered service; register it first"
            )
        }
        if let name = names.firstForeign(to: service) { throw .foreign(name, to: service.name) }
        if let commonName, commonName != service.name, !service.mayBe(commonName) {
            throw .foreign(commonName, to: service.name)
        }
        return service
    }

    private func firstHolder(
        of names: RequestedNames,
        _ commonName: String?,
        _ fallback: String?
    ) -> ServiceRegistration? {
        for name in names.dnsNames { if let service = service(withDNSName: name) { return service } }
        for uri in names.uris {
            if let id = try? SPIFFEID(parsing: uri), let service = service(withID: id) { return service }
        }
        if let commonName, let service = services[commonName] ?? service(withDNSName: commonName) { return service }
        if let fallback, names.isEmpty, commonName == nil { return services[fallback] }
        // Nothing but addresses: there is no index, as nobody's requests look like that as a rule.
        guard let address = names.addresses.first, names.dnsNames.isEmpty, names.uris.isEmpty else { return nil }
        return services.values.first { $0.addresses.contains(address) }
    }
}

extension RequestedNames {
    /// Some name for messages; nil when there is none.
    package var first: String? {
        dnsNames.first ?? uris.first ?? addresses.first?.description ?? others.first
    }
}
